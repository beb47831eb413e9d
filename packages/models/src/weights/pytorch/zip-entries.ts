import type { FileHandle } from "node:fs/promises";
import { fromRandomAccessReaderPromise, type Entry, type ZipFile } from "yauzl";
import { BoundedReader } from "./bounded-reader.ts";
import { PickleError } from "./pickle-error.ts";

/** Most entries in a PyTorch archive; ResNet-152 with optimizer state has below 3,000. */
export const MAX_ARCHIVE_ENTRIES = 100_000;

/** One stored file of the archive: where its bytes lie in the file. */
export interface StoredEntry {
  readonly name: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Lists the files of a PyTorch archive by name. torch.save writes them stored, never compressed, so that tensors
 * can be read in place; a compressed entry is refused, and with it every zip bomb. Entries may not overlap or reach
 * outside the file.
 *
 * @throws PickleError when the archive is not what torch writes
 */
export async function listStoredEntries(
  file: FileHandle,
  fileBytes: number,
): Promise<Map<string, StoredEntry>> {
  const archive = await openArchive(file, fileBytes);
  if (archive.entryCount > MAX_ARCHIVE_ENTRIES) {
    throw new PickleError(
      `the archive lists ${archive.entryCount} files, above ${MAX_ARCHIVE_ENTRIES}`,
    );
  }
  const entries = new Map<string, StoredEntry>();
  for (const entry of await readAll(archive)) {
    if (entries.has(entry.fileName)) {
      throw new PickleError(`the archive holds ${JSON.stringify(entry.fileName)} twice`);
    }
    entries.set(entry.fileName, await locate(archive, entry));
  }
  refuseOverlaps([...entries.values()], fileBytes);
  return entries;
}

async function openArchive(file: FileHandle, fileBytes: number): Promise<ZipFile> {
  try {
    const reader = new BoundedReader(file.fd, fileBytes);
    return await fromRandomAccessReaderPromise(reader, fileBytes, { lazyEntries: true });
  } catch (error) {
    throw new PickleError(`not a readable zip archive (${messageOf(error)})`, { cause: error });
  }
}

async function readAll(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of archive.eachEntry()) entries.push(entry);
  } catch (error) {
    throw new PickleError(`the archive's directory is broken (${messageOf(error)})`, {
      cause: error,
    });
  }
  return entries;
}

async function locate(archive: ZipFile, entry: Entry): Promise<StoredEntry> {
  const name = entry.fileName;
  if (entry.compressionMethod !== 0 || (entry.generalPurposeBitFlag & 1) === 1) {
    throw new PickleError(
      `the archive's ${JSON.stringify(name)} is compressed or encrypted; torch.save writes plain files`,
    );
  }
  try {
    const header = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
    return { name, offset: header.fileDataStart, sizeBytes: entry.uncompressedSize };
  } catch (error) {
    throw new PickleError(`the archive's ${JSON.stringify(name)} is broken (${messageOf(error)})`, {
      cause: error,
    });
  }
}

function refuseOverlaps(entries: readonly StoredEntry[], fileBytes: number): void {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset);
  for (const [i, entry] of sorted.entries()) {
    const limit = sorted[i + 1]?.offset ?? fileBytes;
    if (entry.offset + entry.sizeBytes > limit) {
      throw new PickleError(
        `the archive's ${JSON.stringify(entry.name)} reaches beyond its place; the file is truncated or forged`,
      );
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
