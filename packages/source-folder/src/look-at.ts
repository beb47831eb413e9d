import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { resolveBelow, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";

/** What lies at a path. Links are never followed, and nothing is opened. */
export type Found =
  | { readonly kind: "file"; readonly path: BytePath; readonly stats: BigIntStats }
  | { readonly kind: "directory"; readonly path: BytePath; readonly stats: BigIntStats }
  | { readonly kind: "skipped"; readonly path: BytePath; readonly reason: SkipReason }
  | { readonly kind: "missing"; readonly path: BytePath }
  | { readonly kind: "unreadable"; readonly path: BytePath; readonly code: string };

/** Why something that is there is no object: a link, a FIFO, socket or device, or a file system of its own. */
export type SkipReason = "symlink" | "special" | "other-device";

/** `device`: st_dev of the watched folder. */
export async function lookAt(
  path: BytePath,
  { folder, device }: { readonly folder: BytePath; readonly device: bigint },
): Promise<Found> {
  let stats: BigIntStats;
  try {
    stats = await lstat(resolveBelow(folder, path), { bigint: true });
  } catch (error) {
    const code = errorCode(error);
    return MISSING.has(code) ? { kind: "missing", path } : { kind: "unreadable", path, code };
  }
  if (stats.isSymbolicLink()) return { kind: "skipped", path, reason: "symlink" };
  if (stats.dev !== device) return { kind: "skipped", path, reason: "other-device" };
  if (stats.isFile()) return { kind: "file", path, stats };
  if (stats.isDirectory()) return { kind: "directory", path, stats };
  return { kind: "skipped", path, reason: "special" };
}

const MISSING: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);
