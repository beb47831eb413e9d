import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Thrown at start when the folder of run files cannot be written, which mostly means that the data folder cannot. */
export class RunFileError extends Error {
  override readonly name = "RunFileError";
  readonly code = "RUN_FILE_UNWRITABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Tells `sluice status` where a process answers, by `<runDir>/<name>.json`. */
export interface RunFile extends AsyncDisposable {
  readonly path: string;
}

/** @throws RunFileError when the folder cannot be made or written */
export async function writeRunFile({
  runDir,
  name,
  ...where
}: {
  readonly runDir: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
}): Promise<RunFile> {
  const path = join(runDir, `${name}.json`);
  const text = `${JSON.stringify({ v: 1, name, pid: process.pid, ...where, startedAtMs: Date.now() })}\n`;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(runDir, { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path); // readers see the old file or the whole new one
  } catch (error) {
    throw new RunFileError(
      `cannot write ${path} (${error instanceof Error ? error.message : String(error)}): make dataDir a folder that this user may write, or name another one`,
      { cause: error },
    );
  }
  return { path, [Symbol.asyncDispose]: async () => await removeOwn(path, text) };
}

/** A successor that started before we were gone has written its own by now; that one stays. */
async function removeOwn(path: string, text: string): Promise<void> {
  const content = await readFile(path, "utf8").catch(() => null); // gone already, together with its folder
  if (content === text) await rm(path, { force: true });
}
