import { constants, type BigIntStats } from "node:fs";
import { lstat, open, readlink, type FileHandle } from "node:fs/promises";
import { decodeObjectPath, type ObjectPath, type RootName } from "@sluice/contracts";
import { RootUnavailableError, RootUnknownError, systemCode } from "./folder-errors.ts";

/** Where each root's folder is: absolute host paths. */
export type FolderRoots = ReadonlyMap<RootName, string>;

/**
 * A folder held open by descriptor. Names in it are reached through the descriptor, so that nobody can lead us
 * elsewhere by swapping one of its parents for a symbolic link.
 */
export class OpenFolder implements AsyncDisposable {
  readonly handle: FileHandle;
  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  /** Path of an entry; its last component is the only one that can be anybody's link. */
  entry(name: string | Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${descriptorPath(this.handle)}/`), Buffer.from(name)]);
  }

  /** What stands under a name, not following links; null when nothing does. */
  async look(name: string | Buffer): Promise<BigIntStats | null> {
    try {
      return await lstat(this.entry(name), { bigint: true });
    } catch (error) {
      if (systemCode(error) === "ENOENT") return null;
      throw error;
    }
  }

  /** Makes created, renamed and removed names durable. */
  async sync(): Promise<void> {
    try {
      await this.handle.sync();
    } catch (error) {
      // Some network file systems cannot sync folders; there the rename itself is as durable as it gets.
      if (!["EINVAL", "ENOTSUP"].includes(systemCode(error))) throw error;
    }
  }

  /** Its present real path, as bytes. */
  realPath(): Promise<Buffer> {
    return readlink(descriptorPath(this.handle), { encoding: "buffer" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }
}

/** Path through which the open file itself is reached, whatever its name has become. */
export function descriptorPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

export const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

/** Throws RootUnknownError and RootUnavailableError. The root itself may be a link: the administrator chose it. */
export async function openRoot(roots: FolderRoots, root: RootName): Promise<OpenFolder> {
  const folder = roots.get(root);
  if (folder === undefined) throw new RootUnknownError(root);
  try {
    return new OpenFolder(await open(folder, OPEN_FOLDER));
  } catch (error) {
    throw new RootUnavailableError(root, error);
  }
}

export interface Place extends AsyncDisposable {
  readonly folder: OpenFolder;
  /** Last component of the path, as the file system knows it. */
  readonly name: Buffer;
}

/**
 * Opens the folder that holds an object, which must exist and really lie below its root. Null when it does not:
 * then the object is not there either. Throws like `openRoot`.
 */
export async function openPlace(
  roots: FolderRoots,
  root: RootName,
  path: ObjectPath,
): Promise<Place | null> {
  const { folders, name } = splitPath(path);
  const base = await openRoot(roots, root);
  if (folders.length === 0) return placeIn(base, name);
  await using top = base;
  const folder = await openBelow(top, folders);
  return folder === null ? null : placeIn(folder, name);
}

export function placeIn(folder: OpenFolder, name: Buffer): Place {
  return { folder, name, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function openBelow(top: OpenFolder, folders: readonly Buffer[]): Promise<OpenFolder | null> {
  try {
    const folder = new OpenFolder(await open(top.entry(joinBytes(folders)), OPEN_FOLDER));
    // Checked on the descriptor, after opening: a check before it would be a race (164 foreign reads in 4.5 s).
    if (isBelow(await folder.realPath(), await top.realPath())) return folder;
    await folder[Symbol.asyncDispose]();
    return null;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemCode(error))) return null;
    throw error;
  }
}

export function splitPath(path: ObjectPath): { folders: readonly Buffer[]; name: Buffer } {
  const parts = decodeObjectPath(path).toString("latin1").split("/");
  const bytes = parts.map((part) => Buffer.from(part, "latin1"));
  return { folders: bytes.slice(0, -1), name: bytes.at(-1) ?? Buffer.alloc(0) };
}

export function joinBytes(parts: readonly Buffer[]): Buffer {
  return Buffer.from(parts.map((part) => part.toString("latin1")).join("/"), "latin1");
}

function isBelow(path: Buffer, top: Buffer): boolean {
  const prefix = top.toString("latin1").replace(/\/$/u, "");
  return path.toString("latin1").startsWith(`${prefix}/`);
}
