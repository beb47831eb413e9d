import { lstatSync, type BigIntStats } from "node:fs";
import { resolveBelow, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";
import type { Found, FoundFile, LookOptions } from "./found.ts";

/** What lies at a path. Waits for the file system, so it belongs into the folder's own thread. */
export function lookAt(path: BytePath, { folder, device, isIncluded }: LookOptions): Found {
  let stats: BigIntStats | undefined;
  try {
    const where = resolveBelow(folder, path);
    stats = lstatSync(where, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return { kind: "unreadable", path, code: errorCode(error) };
  }
  if (stats === undefined) return { kind: "missing", path };
  if (stats.isSymbolicLink()) return { kind: "skipped", path, reason: "symlink" };
  if (stats.dev !== device) return { kind: "skipped", path, reason: "other-device" };
  if (stats.isFile()) {
    if (!isIncluded(path)) return { kind: "skipped", path, reason: "not-included" };
    return describeFile(path, stats);
  }
  if (stats.isDirectory()) return { kind: "directory", path };
  return { kind: "skipped", path, reason: "special" };
}

/**
 * The version holds everything that changes when the content may have: times in nanoseconds, and the inode's own change
 * time, which nobody can set back.
 */
function describeFile(
  path: BytePath,
  { ino, size, mtimeNs, ctimeNs, nlink }: BigIntStats,
): FoundFile {
  const changedNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return {
    kind: "file",
    path,
    version: `${ino}-${size}-${mtimeNs}-${ctimeNs}`,
    sizeBytes: Number(size),
    changedAtMs: Math.ceil(Number(changedNs) / 1e6),
    isHardLinked: nlink > 1n,
  };
}
