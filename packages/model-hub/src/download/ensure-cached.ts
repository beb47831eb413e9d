import { stat } from "node:fs/promises";
import { DownloadCorruptError, ModelNotCachedError } from "../model-hub-error.ts";
import type { PullOptions } from "../pull-options.ts";
import { downloadFile } from "./download-file.ts";
import { findMismatch, nameOf } from "./expected-content.ts";
import type { RemoteFile } from "./remote-file.ts";

/**
 * The file's path in the cache, after fetching it where that is needed. What the cache holds is hashed again: disks
 * fail, and other programs write there too. A file about which nothing was published is fetched anew each time,
 * since only its server could tell whether it is still the same.
 *
 * @throws ModelNotCachedError or DownloadCorruptError offline, what `downloadFile` throws otherwise
 */
export async function ensureCached(file: RemoteFile, options: PullOptions): Promise<string> {
  const { isOffline } = options.settings;
  const isCached = await stat(file.cachePath).then(() => true, falseIfMissing);
  if (!isCached && isOffline) {
    throw new ModelNotCachedError(
      `${file.name} is not in the cache (${file.cachePath}), and offline nothing is fetched; pull it once with a connection`,
    );
  }
  if (isCached && (await canBeUsed(file, options))) return file.cachePath;
  await downloadFile(file, options);
  return file.cachePath;
}

async function canBeUsed(file: RemoteFile, { settings, signal }: PullOptions): Promise<boolean> {
  if (file.expected === null) return settings.isOffline;
  const actual = await findMismatch(file.cachePath, file.expected, signal);
  if (actual === null) return true;
  if (!settings.isOffline) return false;
  throw new DownloadCorruptError(
    `${file.cachePath}: its ${nameOf(file.expected)} is ${actual}, published is ${file.expected.hex}; remove it and pull it again with a connection`,
  );
}

function falseIfMissing(error: unknown): false {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
  throw error;
}
