import { randomUUID } from "node:crypto";
import { constants, copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { explainingDiskFailures } from "./disk-failure.ts";
import { ensureCached } from "./download/ensure-cached.ts";
import { syncFolder } from "./download/partial-file.ts";
import type { RemoteFile } from "./download/remote-file.ts";
import { DownloadTooLargeError, PullTargetError } from "./model-hub-error.ts";
import type { DirectoryLocation } from "./model-location.ts";
import { limitsOf, type PullOptions } from "./pull-options.ts";

export interface FetchDirectoryOptions extends PullOptions {
  /** Must not exist yet, or be empty. */
  readonly outDir: string;
  /** Looks at the whole directory before it gets its name; throws when it cannot be used. */
  readonly inspect?: (folder: string) => Promise<void>;
}

/**
 * Fetches a model directory: first into the cache, file by file, then beside its place, and there by one rename. Until
 * then nothing stands in its place.
 *
 * @throws PullTargetError when the place holds something, other ModelHubErrors, what `inspect` throws, the signal's reason
 */
export async function fetchDirectory(
  location: DirectoryLocation,
  options: FetchDirectoryOptions,
): Promise<void> {
  await explainingDiskFailures(
    async () => await fetchTo(resolve(options.outDir), location, options),
  );
}

async function fetchTo(
  place: string,
  location: DirectoryLocation,
  options: FetchDirectoryOptions,
): Promise<void> {
  await requireFree(place);
  refuseTooLarge(location, options);
  const cached: [RemoteFile, string][] = [];
  for (const file of location.files) cached.push([file, await ensureCached(file, options)]);
  await location.remember();
  const building = `${place}.${randomUUID()}.tmp`;
  try {
    for (const [file, path] of cached) await copyDurably(path, join(building, file.name));
    await options.inspect?.(building);
    options.signal.throwIfAborted();
    await rename(building, place);
    await syncFolder(dirname(place));
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Renaming onto an empty folder replaces it; anything else was put there by somebody. */
async function requireFree(place: string): Promise<void> {
  const entries = await readdir(place).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new PullTargetError(
    `${place} holds ${entries.slice(0, 3).join(", ")} already; name a new folder, or remove it first`,
  );
}

function refuseTooLarge({ origin, files }: DirectoryLocation, options: PullOptions): void {
  const { maxBytes } = limitsOf(options);
  const bytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
  if (bytes <= maxBytes) return;
  throw new DownloadTooLargeError(
    `${origin}: its files have ${bytes} bytes, the limit is ${maxBytes}; raise it with --max-bytes if that is right`,
  );
}

/** Shares the bytes with the cache where the file system can. */
async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await using file = await open(to, "r");
  await file.sync();
}
