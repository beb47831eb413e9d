import { constants } from "node:fs";
import { open, readdir, realpath, type FileHandle } from "node:fs/promises";

/** A file that somebody on this host named by its path, or that lies below a folder which was named. */
export type FoundByName =
  | { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly name: string; readonly refusal: string };

export interface NamedFilesOptions {
  /** Absolute folders; nothing outside of them is opened. */
  readonly folders: readonly string[];
  /** Most files below one named folder. */
  readonly maxFiles: number;
}

const OUTSIDE = "not below a folder that may be scanned";

/**
 * Opens files by paths from strangers. A file is opened first (no link, no waiting for a FIFO) and then proved, through its descriptor, to
 * be a regular file below an allowed folder.
 */
export function createNamedFiles({ folders, maxFiles }: NamedFilesOptions): {
  find(path: Buffer): AsyncGenerator<FoundByName, void>;
} {
  return {
    async *find(path) {
      if (!isAbsolute(path) || folders.length === 0) {
        yield { name: printable(path), refusal: OUTSIDE };
        return;
      }
      const budget = { left: maxFiles };
      yield* findAt(path, { roots: await realFolders(folders), budget });
    },
  };
}

/** Without ways upwards, which would make it useless to compare paths. */
function isAbsolute(path: Buffer): boolean {
  const text = path.toString("latin1");
  return text.startsWith("/") && !text.includes("\0") && !text.split("/").includes("..");
}

interface Search {
  /** With a slash at the end, as bytes. */
  readonly roots: readonly Buffer[];
  readonly budget: { left: number };
}

async function* findAt(path: Buffer, search: Search): AsyncGenerator<FoundByName, void> {
  const name = printable(path);
  const opened = await openBelow(path, search.roots);
  if (typeof opened === "string") {
    yield { name, refusal: opened };
    return;
  }
  await using file = opened;
  const stats = await file.stat();
  if (stats.isDirectory()) {
    yield* findBelow(path, search);
    return;
  }
  if (stats.isFile()) search.budget.left -= 1;
  if (!stats.isFile()) yield { name, refusal: "no regular file" };
  else if (search.budget.left < 0) yield { name, refusal: "too many files, scan fewer at a time" };
  else yield { name, bytes: file.createReadStream({ autoClose: false }) };
}

async function* findBelow(path: Buffer, search: Search): AsyncGenerator<FoundByName, void> {
  for (const entry of (await readdir(path, { encoding: "buffer" })).toSorted((a, b) =>
    a.compare(b),
  )) {
    yield* findAt(Buffer.concat([path, Buffer.from("/"), entry]), search);
    if (search.budget.left < 0) return;
  }
}

/** Why it is not scanned, as text, when it cannot be opened or does not lie below an allowed folder. */
async function openBelow(path: Buffer, roots: readonly Buffer[]): Promise<FileHandle | string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (error) {
    // What lies outside is not told apart from what is not there: answers must not map the host.
    return isBelow(path, roots) ? `cannot be opened (${codeOf(error)})` : OUTSIDE;
  }
  const real = await realpath(`/proc/self/fd/${file.fd}`, { encoding: "buffer" });
  if (isBelow(real, roots)) return file;
  await file.close();
  return OUTSIDE;
}

function isBelow(path: Buffer, roots: readonly Buffer[]): boolean {
  return roots.some(
    (root) => path.subarray(0, root.length).equals(root) || path.equals(root.subarray(0, -1)),
  );
}

async function realFolders(folders: readonly string[]): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const folder of folders) {
    const real = await realpath(folder, { encoding: "buffer" }).catch(() => null); // away: nothing is below it
    if (real !== null) found.push(Buffer.concat([real, Buffer.from("/")]));
  }
  return found;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function printable(path: Buffer): string {
  return path.toString("utf8").replace(/\p{Cc}+/gu, "?");
}
