import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const runFileSchema = z.object({
  v: z.literal(1),
  name: z.string(),
  pid: z.number().int().positive(),
  host: z.string(),
  port: z.number().int().positive(),
  startedAtMs: z.number().int(),
});

/** Where a process that is running, or was until it was killed, answers. */
export type RunFile = z.infer<typeof runFileSchema>;

/** Run files of a data folder; none where nothing has run yet. What is not a run file is passed over. */
export async function readRunFiles(runDir: string): Promise<readonly RunFile[]> {
  const names = await readdir(runDir).catch(noneIfMissing);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .toSorted()
      .map((name) => readRunFile(join(runDir, name))),
  );
  return files.filter((file) => file !== null);
}

async function readRunFile(path: string): Promise<RunFile | null> {
  // A process that stops removes its file between the listing and the reading.
  const text = await readFile(path, "utf8").catch(nothingIfMissing);
  if (text === null) return null;
  const parsed = runFileSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not a run file
  }
}

function noneIfMissing(error: unknown): readonly string[] {
  if (isMissing(error)) return [];
  throw error;
}

function nothingIfMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
