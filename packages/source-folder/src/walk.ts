import type { Dir } from "node:fs";
import { opendir } from "node:fs/promises";
import { fromBytes, isWithinDepth, joinPath, resolveBelow, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";
import type { IgnoreRule } from "./ignore-rule.ts";
import { lookAt, type Found } from "./look-at.ts";

export interface WalkOptions {
  /** Absolute, in bytes. */
  readonly folder: BytePath;
  /** st_dev of the folder; what lies on another is not entered. */
  readonly device: bigint;
  readonly isIgnored: IgnoreRule;
  /** Directories between the folder and a file, at most; deeper ones are reported and not entered. */
  readonly maxDepth: number;
}

/** Entries per batch, also over many small directories: one batch becomes one transaction of the journal. */
const BATCH = 256;

/**
 * Lists everything below `from`, in batches, with a bounded number of entries in memory however large a directory is. What
 * vanishes or changes meanwhile is reported as it was found; a directory that cannot be read is reported and passed over.
 */
export async function* walk(
  options: WalkOptions,
  { from, isRecursive }: { readonly from: BytePath; readonly isRecursive: boolean },
): AsyncGenerator<readonly Found[], void, undefined> {
  const pending: BytePath[] = [from];
  let batch: Found[] = [];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for await (const found of listDirectory(path, options)) {
      for (const entry of found) {
        batch.push(entry);
        if (isRecursive && isToBeEntered(entry, options)) pending.push(entry.path);
      }
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function isToBeEntered(found: Found, { maxDepth }: WalkOptions): boolean {
  return found.kind === "directory" && isWithinDepth(found.path, maxDepth);
}

async function* listDirectory(
  path: BytePath,
  options: WalkOptions,
): AsyncGenerator<readonly Found[], void, undefined> {
  try {
    // opendir follows a link at the end of its path; one that was put in place of the directory just now is caught
    // by the worker, which opens every file without following and checks where it really lies.
    const directory = await opendir(resolveBelow(options.folder, path), NAMES_AS_BYTES);
    for await (const names of inBatches(directory)) {
      const paths = names.map((name) => joinPath(path, name)).filter((p) => !options.isIgnored(p));
      yield await Promise.all(paths.map(async (p) => await lookAt(p, options)));
    }
  } catch (error) {
    const code = errorCode(error);
    yield [code === "ENOENT" ? { kind: "missing", path } : { kind: "unreadable", path, code }];
  }
}

/** Declared without its type, because the declarations of Node do not know that names can come as bytes. */
const NAMES_AS_BYTES: object = { encoding: "buffer", bufferSize: BATCH };

async function* inBatches(directory: Dir): AsyncGenerator<readonly BytePath[], void, undefined> {
  let names: BytePath[] = [];
  for await (const entry of directory) {
    const name: unknown = entry.name;
    if (!(name instanceof Uint8Array)) throw new TypeError("expected names as bytes");
    names.push(fromBytes(name));
    if (names.length < BATCH) continue;
    yield names;
    names = [];
  }
  if (names.length > 0) yield names;
}
