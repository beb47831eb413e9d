import { createHash, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sha256 } from "@sluice/contracts";
import { z } from "zod";
import { ModelError } from "../model-error.ts";
import type { PrecisionTimings } from "./choose-fastest.ts";
import { VARIANTS, type Variant } from "./variant.ts";

/** What timings are of, in full: it names the file, and stands in it for people. */
export interface TimingKey {
  /** Digest of the float model. */
  readonly float32: Sha256;
  readonly variants: readonly { readonly variant: Variant; readonly digest: Sha256 }[];
  /** See GraphTimer. */
  readonly conditions: Readonly<Record<string, string | number>>;
}

const roundsSchema = z.array(z.number().positive()).min(1);
const timingFileSchema = z.object({
  v: z.literal(1),
  timings: z.object({
    float32: roundsSchema,
    variants: z.array(z.object({ variant: z.enum(VARIANTS), roundsMs: roundsSchema })).min(1),
  }),
});

export function timingPath(folder: string, { float32, variants, conditions }: TimingKey): string {
  const sorted = Object.entries(conditions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digests = variants.map(({ variant, digest }) => [variant, digest]);
  const text = JSON.stringify([1, float32, digests, sorted]);
  return join(folder, `${createHash("sha256").update(text).digest("hex")}.timing.json`);
}

/** Null when nothing usable is remembered: only what was examined may be chosen, so timings of other variants are none. */
export async function recallTimings(
  path: string,
  { variants }: TimingKey,
): Promise<PrecisionTimings | null> {
  try {
    const { timings } = timingFileSchema.parse(JSON.parse(await readFile(path, "utf8")));
    const found = timings.variants.map(({ variant }) => variant).join();
    return found === variants.map(({ variant }) => variant).join() ? timings : null;
  } catch {
    return null; // Absent, of another version or damaged: measuring again costs seconds.
  }
}

/**
 * Remembers timings. Engines that start side by side must choose alike, so the first who writes wins.
 *
 * @returns those that count from now on
 * @throws ModelError when they cannot be kept: an engine that is restarted might choose otherwise
 */
export async function rememberTimings(
  path: string,
  content: TimingContent,
): Promise<PrecisionTimings> {
  try {
    return await write(path, content);
  } catch (error) {
    throw new ModelError(
      path,
      `what was timed for \`precision: auto\` cannot be written (${String(error)}); make the folder writable, or name a precision`,
      { cause: error },
    );
  }
}

interface TimingContent {
  readonly key: TimingKey;
  readonly timings: PrecisionTimings;
}

async function write(path: string, { key, timings }: TimingContent): Promise<PrecisionTimings> {
  const writing = `${path}.${randomUUID()}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    {
      await using file = await open(writing, "w");
      await file.writeFile(`${JSON.stringify({ v: 1, about: key, timings }, null, 2)}\n`);
      await file.sync();
    }
    if (await takeName(writing, path)) return timings;
    const earlier = await recallTimings(path, key);
    if (earlier !== null) return earlier;
    await rename(writing, path);
    return timings;
  } finally {
    await rm(writing, { force: true });
  }
}

/** Gives the file its name unless another one has it. Where the file system knows no hard links, the last one has it. */
async function takeName(writing: string, path: string): Promise<boolean> {
  try {
    await link(writing, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    await rename(writing, path);
  }
  return true;
}
