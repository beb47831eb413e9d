import { constants, type BigIntStats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { ObjectVersion } from "@sluice/contracts";
import { versionOf } from "./file-version.ts";
import { systemCode } from "./folder-errors.ts";
import type { Place } from "./open-folder.ts";

export type OpenedVersion =
  | { readonly kind: "open"; readonly handle: FileHandle; readonly stat: BigIntStats }
  | { readonly kind: "changed" | "gone" };

/**
 * Opens an object for reading if it is a regular file in exactly this version; decided on the open descriptor.
 * A link, folder, pipe or another file in its place is `changed`. Never blocks on a pipe, never follows a link.
 */
export async function openVersion(place: Place, version: ObjectVersion): Promise<OpenedVersion> {
  const handle = await openRegular(place);
  if (typeof handle === "string") return { kind: handle };
  try {
    const stat = await handle.stat({ bigint: true });
    if (stat.isFile() && versionOf(stat) === version) return { kind: "open", handle, stat };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return { kind: "changed" };
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function openRegular({ folder, name }: Place): Promise<FileHandle | "changed" | "gone"> {
  try {
    return await open(folder.entry(name), FLAGS);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return "gone";
    // A symbolic link, a socket, a device without a driver.
    if (code === "ELOOP" || code === "ENXIO" || code === "ENODEV") return "changed";
    throw error;
  }
}

/** True when the descriptor and the name still both are this version, after reading it. */
export async function isStillVersion(
  handle: FileHandle,
  { folder, name }: Place,
  version: ObjectVersion,
): Promise<boolean> {
  if (versionOf(await handle.stat({ bigint: true })) !== version) return false;
  const named = await folder.look(name);
  return named !== null && versionOf(named) === version;
}

/**
 * Gives a file a new version although its bytes and mtime say otherwise: they are not what was judged (written
 * through a memory map, perhaps), and only a new version is looked at again.
 */
export async function renewVersion(handle: FileHandle, stat: BigIntStats): Promise<void> {
  try {
    await handle.chmod(Number(stat.mode) & 0o7777); // any chmod moves the ctime, also to the same mode
  } catch (error) {
    // Not our file, so no new version: the effect still ends as changed, which publishes and takes nothing.
    if (systemCode(error) !== "EPERM") throw error;
  }
}
