import { constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { ObjectPath, RootName } from "@sluice/contracts";
import { Descriptor } from "../vault/descriptor.ts";
import { DestinationUnsafeError, StagingUnsafeError, systemCode } from "../vault/folder-errors.ts";
import {
  OPEN_FOLDER,
  openRoot,
  splitPath,
  type FolderRoots,
  type Place,
} from "../vault/open-folder.ts";

export interface WritablePlace extends Place {
  /** Private folder (mode 0700) on the same file system, where a file is completed before it gets its name. */
  readonly staging: Descriptor;
}

const STAGING = ".sluice-staging";

/**
 * Opens the folder that shall hold an object, making it and its parents where they are missing. Every folder below
 * the root must be a real one: a symbolic link could lead anywhere.
 * Throws DestinationUnsafeError, StagingUnsafeError, RootUnknownError, RootUnavailableError.
 */
export async function openPlaceForWriting(
  roots: FolderRoots,
  root: RootName,
  path: ObjectPath,
): Promise<WritablePlace> {
  const { folders, name } = splitPath(path);
  using stack = new DisposableStack();
  const top = stack.use(openRoot(roots, root));
  let folder = top;
  for (const [depth, part] of folders.entries()) {
    const below = await openOrMake(folder, part);
    if (below === null) throw new DestinationUnsafeError(root, describe(folders, depth));
    folder = stack.use(below);
  }
  // A mount below the root is another file system: there the staging folder lies beside the file.
  const isSameDevice = folder === top || folder.stat().dev === top.stat().dev;
  const staging = stack.use(await openStaging(isSameDevice ? top : folder, root));
  const open = stack.move();
  return { folder, name, staging, [Symbol.dispose]: () => open.dispose() };
}

async function openOrMake(parent: Descriptor, name: Buffer): Promise<Descriptor | null> {
  const known = openReal(parent, name);
  if (known !== "missing") return known;
  await makeFolder(parent, name, 0o755);
  const made = openReal(parent, name);
  return made === "missing" ? null : made;
}

async function openStaging(parent: Descriptor, root: RootName): Promise<Descriptor> {
  let staging = openReal(parent, STAGING);
  if (staging === "missing") {
    await makeFolder(parent, STAGING, 0o700);
    staging = openReal(parent, STAGING);
  }
  if (staging === "missing" || staging === null) throw new StagingUnsafeError(root, STAGING);
  const { uid, mode } = staging.stat();
  const isPrivate = Number(uid) === process.geteuid?.() && (Number(mode) & 0o077) === 0;
  if (isPrivate) return staging;
  staging[Symbol.dispose]();
  throw new StagingUnsafeError(root, STAGING);
}

/** Null when something other than a real folder stands there. */
function openReal(parent: Descriptor, name: string | Buffer): Descriptor | "missing" | null {
  try {
    return Descriptor.open(parent.entry(name), OPEN_FOLDER | constants.O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return "missing";
    if (code === "ELOOP" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function makeFolder(parent: Descriptor, name: string | Buffer, mode: number): Promise<void> {
  try {
    await mkdir(parent.entry(name), { mode });
    await parent.sync();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

function describe(folders: readonly Buffer[], depth: number): string {
  const parts = folders.slice(0, depth + 1).map((part) => part.toString());
  return JSON.stringify(parts.join("/"));
}
