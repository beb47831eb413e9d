import { isUtf8 } from "node:buffer";
import { lstat, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { encodeObjectPath } from "@sluice/contracts";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

/** A file to classify. */
export interface Input {
  /** As it was named, or below a folder that was named: what results are told under. */
  readonly name: string;
  /** Absolute; bytes below a folder, as a name need not be UTF-8. */
  readonly path: string | Buffer;
}

/**
 * Files in the order in which they are classified: those named, as named, and those below named folders, sorted. Hidden files
 * and links below a folder are left out; a named file is taken whatever it is called.
 *
 * @throws CliError INPUT_UNREADABLE when a named path is not there or a folder cannot be listed
 */
export async function listInputs(names: readonly string[], cwd: string): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  for (const name of names) {
    const path = resolve(cwd, name);
    if (await isFolder(name, path)) inputs.push(...(await listFolder({ name, path })));
    else inputs.push({ name, path });
  }
  return inputs;
}

async function isFolder(name: string, path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** One loop over a list instead of a call per level: uploads may lie deep. */
async function listFolder(root: Input): Promise<Input[]> {
  const files: Input[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const below: Input[] = [];
    for (const entry of await readFolder(folder)) {
      const child = childOf(folder, entry.name);
      if (entry.isFile()) files.push(child);
      if (entry.isDirectory()) below.push(child);
    }
    waiting.push(...below.toReversed());
  }
  return files;
}

function childOf({ name, path }: Input, child: Buffer): Input {
  return {
    name: join(name, nameOf(child)),
    path: Buffer.concat([Buffer.from(path), Buffer.from("/"), child]),
  };
}

/** File names are bytes: what is no UTF-8 is told as object paths are, with those bytes as %XX. */
function nameOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : encodeObjectPath(bytes);
}

const DOT = 0x2e;

async function readFolder({ name, path }: Input) {
  try {
    const entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
    const shown = entries.filter((entry) => entry.name[0] !== DOT);
    return shown.toSorted((a, b) => Buffer.compare(a.name, b.name));
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause: unknown): CliError {
  return new CliError(
    "INPUT_UNREADABLE",
    `${name} cannot be read (${String(cause)}); name files or folders that exist`,
    { exitCode: EXIT_CODE.configuration, cause },
  );
}
