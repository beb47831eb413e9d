import { constants } from "node:fs";
import { decodeObjectPath, type ObjectPath, type RootName } from "@sluice/contracts";
import { Descriptor } from "./descriptor.ts";
import { RootUnavailableError, RootUnknownError, systemCode } from "./folder-errors.ts";

/** Where each root's folder is: absolute host paths. */
export type FolderRoots = ReadonlyMap<RootName, string>;

export const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

/** Throws RootUnknownError and RootUnavailableError. The root itself may be a link: the administrator chose it. */
export function openRoot(roots: FolderRoots, root: RootName): Descriptor {
  const folder = roots.get(root);
  if (folder === undefined) throw new RootUnknownError(root);
  try {
    return Descriptor.open(folder, OPEN_FOLDER);
  } catch (error) {
    throw new RootUnavailableError(root, error);
  }
}

/**
 * A name in a folder that is held open. The name is reached through the descriptor, so that nobody can lead us
 * elsewhere by swapping one of the folder's parents for a symbolic link.
 */
export interface Place extends Disposable {
  readonly folder: Descriptor;
  /** Last component of the path, as the file system knows it. */
  readonly name: Buffer;
}

/**
 * Opens the folder that holds an object, which must exist and really lie below its root. Null when it does not:
 * then the object is not there either. Throws like `openRoot`.
 */
export function openPlace(roots: FolderRoots, root: RootName, path: ObjectPath): Place | null {
  const { folders, name } = splitPath(path);
  const top = openRoot(roots, root);
  if (folders.length === 0) return placeIn(top, name);
  using _ = top;
  const folder = openBelow(top, folders);
  return folder === null ? null : placeIn(folder, name);
}

function placeIn(folder: Descriptor, name: Buffer): Place {
  return { folder, name, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

function openBelow(top: Descriptor, folders: readonly Buffer[]): Descriptor | null {
  try {
    const folder = Descriptor.open(top.entry(joinBytes(folders)), OPEN_FOLDER);
    // Checked on the descriptor, after opening: a check before it would be a race (164 foreign reads in 4.5 s).
    if (isBelow(folder.realPath(), top.realPath())) return folder;
    folder[Symbol.dispose]();
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

function joinBytes(parts: readonly Buffer[]): Buffer {
  return Buffer.from(parts.map((part) => part.toString("latin1")).join("/"), "latin1");
}

function isBelow(path: Buffer, top: Buffer): boolean {
  const prefix = top.toString("latin1").replace(/\/$/u, "");
  return path.toString("latin1").startsWith(`${prefix}/`);
}
