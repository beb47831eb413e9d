import { mkdir, open } from "node:fs/promises";
import { constants } from "node:fs";
import type { ObjectPath, RootName } from "@sluice/contracts";
import { DestinationUnsafeError, StagingUnsafeError, systemCode } from "../vault/folder-errors.ts";
import {
  OPEN_FOLDER,
  OpenFolder,
  openRoot,
  placeIn,
  splitPath,
  type FolderRoots,
  type Place,
} from "../vault/open-folder.ts";

export interface WritablePlace extends Place {
  /** Private folder (mode 0700) on the same file system, where a file is completed before it gets its name. */
  readonly staging: OpenFolder;
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
  await using stack = new AsyncDisposableStack();
  const top = stack.use(await openRoot(roots, root));
  let folder = top;
  for (const [depth, part] of folders.entries()) {
    const below = await openOrMake(folder, part);
    if (below === null) throw new DestinationUnsafeError(root, describe(folders, depth));
    folder = stack.use(below);
  }
  // A mount below the root is another file system: there the staging folder lies beside the file.
  const isSameDevice =
    folder === top || (await folder.handle.stat()).dev === (await top.handle.stat()).dev;
  const staging = stack.use(await openStaging(isSameDevice ? top : folder, root));
  const rest = stack.move();
  const place = placeIn(folder, name);
  return { ...place, staging, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

async function openOrMake(parent: OpenFolder, name: Buffer): Promise<OpenFolder | null> {
  const known = await openReal(parent, name);
  if (known !== "missing") return known;
  await makeFolder(parent, name, 0o755);
  const made = await openReal(parent, name);
  return made === "missing" ? null : made;
}

async function openStaging(parent: OpenFolder, root: RootName): Promise<OpenFolder> {
  let staging = await openReal(parent, STAGING);
  if (staging === "missing") {
    await makeFolder(parent, STAGING, 0o700);
    staging = await openReal(parent, STAGING);
  }
  if (staging === "missing" || staging === null) throw new StagingUnsafeError(root, STAGING);
  const { uid, mode } = await staging.handle.stat();
  const isPrivate = uid === process.geteuid?.() && (mode & 0o077) === 0;
  if (isPrivate) return staging;
  await staging[Symbol.asyncDispose]();
  throw new StagingUnsafeError(root, STAGING);
}

/** Null when something other than a real folder stands there. */
async function openReal(
  parent: OpenFolder,
  name: string | Buffer,
): Promise<OpenFolder | "missing" | null> {
  try {
    const flags = OPEN_FOLDER | constants.O_NOFOLLOW;
    return new OpenFolder(await open(parent.entry(name), flags));
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return "missing";
    if (code === "ELOOP" || code === "ENOTDIR") return null;
    throw error;
  }
}

async function makeFolder(parent: OpenFolder, name: string | Buffer, mode: number): Promise<void> {
  try {
    await mkdir(parent.entry(name), { mode });
    await parent.sync();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

function describe(folders: readonly Buffer[], depth: number): string {
  return JSON.stringify(
    folders
      .slice(0, depth + 1)
      .map((part) => part.toString())
      .join("/"),
  );
}
