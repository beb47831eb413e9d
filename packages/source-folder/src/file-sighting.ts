import type { BigIntStats } from "node:fs";
import { encodeObjectPath, objectVersionSchema } from "@sluice/contracts";
import type { Sighting } from "@sluice/sources";
import { toBytes, type BytePath } from "./byte-path.ts";

/**
 * What an lstat says about a regular file. The version holds everything that changes when the content may have:
 * times in nanoseconds, and the inode's own change time, which nobody can set back.
 */
export function toSighting(path: BytePath, stats: BigIntStats): Sighting {
  const { ino, size, mtimeNs, ctimeNs } = stats;
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return {
    object: {
      path: encodeObjectPath(toBytes(path)),
      version: objectVersionSchema.parse(`${ino}-${size}-${mtimeNs}-${ctimeNs}`),
      sizeBytes: Number(size),
    },
    changedAtMs: Math.ceil(Number(changedNs) / 1e6),
  };
}
