import type { BigIntStats } from "node:fs";
import type { ObjectVersion } from "@sluice/contracts";

/**
 * True when a file is still the one of that version after we renamed or linked it ourselves, which changes its
 * ctime and nothing else. Versions are `<inode>-<size>-<mtimeNs>-<ctimeNs>`.
 */
export function isRenamedVersion(stat: BigIntStats, version: ObjectVersion): boolean {
  const { ino, size, mtimeNs } = stat;
  return stat.isFile() && version.startsWith(`${ino}-${size}-${mtimeNs}-`);
}
