import type { BigIntStats } from "node:fs";
import { objectVersionSchema, type ObjectVersion } from "@sluice/contracts";

/**
 * Version of a file: inode, size, and both times in nanoseconds. The change time cannot be set back by a program, so
 * an overwrite of the same size with a restored modification time is another version.
 */
export function versionOfFile(stats: BigIntStats): ObjectVersion {
  const { ino, size, mtimeNs, ctimeNs } = stats;
  return objectVersionSchema.parse(`${ino}-${size}-${mtimeNs}-${ctimeNs}`);
}
