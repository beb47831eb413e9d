import type { BigIntStats } from "node:fs";
import { objectVersionSchema, type ObjectVersion } from "@sluice/contracts";

/** Version of a file as the contracts define it: `<inode>-<size>-<mtimeNs>-<ctimeNs>`. */
export function versionOf(stat: BigIntStats): ObjectVersion {
  return objectVersionSchema.parse(`${withoutChangeTime(stat)}${stat.ctimeNs}`);
}

/**
 * True when a file is still the one of that version after we renamed or linked it ourselves, which changes its
 * ctime and nothing else.
 */
export function isRenamedVersion(stat: BigIntStats, version: ObjectVersion): boolean {
  return stat.isFile() && version.startsWith(withoutChangeTime(stat));
}

function withoutChangeTime({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}-${size}-${mtimeNs}-`;
}
