import { constants, fchmodSync, type BigIntStats } from "node:fs";
import type { ObjectVersion } from "@sluice/contracts";
import { versionOfFile } from "../read/file-version.ts";
import { Descriptor } from "./descriptor.ts";
import { systemCode } from "./folder-errors.ts";
import type { Place } from "./open-folder.ts";

/** A file opened in the version that was asked for, as it was then. */
export interface OpenVersion extends Disposable {
  readonly kind: "open";
  readonly file: Descriptor;
  readonly stat: BigIntStats;
}

/** Not there in that version; disposing does nothing. */
export interface NotOpen extends Disposable {
  readonly kind: "changed" | "gone";
}

/**
 * Opens an object for reading if it is a regular file in exactly this version; decided on the open descriptor.
 * A link, folder, pipe or another file in its place is `changed`. Never blocks on a pipe, never follows a link.
 */
export function openVersion(place: Place, version: ObjectVersion): OpenVersion | NotOpen {
  const file = openAnything(place);
  if (typeof file === "string") return notOpen(file);
  try {
    const stat = file.stat();
    if (stat.isFile() && versionOfFile(stat) === version)
      return { kind: "open", file, stat, [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
  file[Symbol.dispose]();
  return notOpen("changed");
}

function notOpen(kind: NotOpen["kind"]): NotOpen {
  return { kind, [Symbol.dispose]: () => undefined };
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openAnything({ folder, name }: Place): Descriptor | "changed" | "gone" {
  try {
    return Descriptor.open(folder.entry(name), FLAGS);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return "gone";
    // A symbolic link, a socket, a device without a driver.
    if (code === "ELOOP" || code === "ENXIO" || code === "ENODEV") return "changed";
    throw error;
  }
}

/** True when the descriptor and the name still both are this version, after reading it. */
export function isStillVersion(
  file: Descriptor,
  { folder, name }: Place,
  version: ObjectVersion,
): boolean {
  if (versionOfFile(file.stat()) !== version) return false;
  const named = folder.look(name);
  return named !== null && versionOfFile(named) === version;
}

/**
 * Gives a file a new version although its bytes and mtime say otherwise: they are not what was judged (written
 * through a memory map, perhaps), and only a new version is looked at again.
 */
export function renewVersion(file: Descriptor, stat: BigIntStats): void {
  try {
    fchmodSync(file.fd, Number(stat.mode) & 0o7777); // any chmod moves the ctime, also to the same mode
  } catch (error) {
    // Not our file, so no new version: the effect still ends as changed, which publishes and takes nothing.
    if (systemCode(error) !== "EPERM") throw error;
  }
}
