import { createHash, type Hash } from "node:crypto";
import { constants, lstatSync } from "node:fs";
import { mkdir, open, opendir, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeObjectPath,
  encodeObjectPath,
  objectRefSchema,
  sha256Schema,
  type ObjectPath,
  type ObjectRef,
} from "@sluice/contracts";
import {
  UploadEmptyError,
  UploadTooLargeError,
  type Spool,
  type StoredUpload,
} from "@sluice/sources";
import { versionOfFile } from "../read/file-version.ts";
import { Descriptor } from "../vault/descriptor.ts";
import { FolderSync } from "../vault/folder-sync.ts";
import { OPEN_FOLDER } from "../vault/open-folder.ts";

/** Files of a listing that are given together. */
const LIST_BATCH = 256;

/** Where uploads are received; nobody looks for objects in it. */
const RECEIVING = ".sluice-receiving";

/**
 * A spool in a folder of our own (mode 0700, uploads 0600). An upload is received under a private name and gets its own by one
 * rename when all its bytes have come, so whatever has a name is whole, unless the power fails before it is durable.
 */
export class FolderSpool implements Spool, Disposable {
  readonly #folder: string;
  readonly #names: Descriptor;
  readonly #folderSync = new FolderSync();

  private constructor(folder: string, names: Descriptor) {
    this.#folder = folder;
    this.#names = names;
  }

  /** Makes the folder where it is missing, and clears away what was being received when an earlier process ended. */
  static async open(folder: string): Promise<FolderSpool> {
    await rm(join(folder, RECEIVING), { recursive: true, force: true });
    await mkdir(join(folder, RECEIVING), { recursive: true, mode: 0o700 });
    return new FolderSpool(folder, Descriptor.open(folder, OPEN_FOLDER));
  }

  [Symbol.dispose](): void {
    this.#names[Symbol.dispose]();
  }

  async store(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    { maxBytes }: { readonly maxBytes: number },
  ): Promise<StoredUpload> {
    const receiving = join(this.#folder, RECEIVING, name);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    const file = await open(receiving, flags, 0o600);
    try {
      const { hash, sizeBytes } = await receive(bytes, file, maxBytes);
      await rename(receiving, join(this.#folder, name));
      // After the rename, which changes the change time.
      const version = versionOfFile(await file.stat({ bigint: true }));
      const path = encodeObjectPath(Buffer.from(name));
      const object = objectRefSchema.parse({ path, version, sizeBytes });
      const durable = this.#makeDurable(file);
      durable.catch(() => undefined); // awaited by whoever promises anything
      return { object, sha256: sha256Schema.parse(hash.digest("hex")), durable };
    } catch (error) {
      await file.close();
      await rm(receiving, { force: true });
      throw error;
    }
  }

  async #makeDurable(file: FileHandle): Promise<void> {
    try {
      await Promise.all([file.datasync(), this.#folderSync.sync(this.#names)]);
    } finally {
      await file.close();
    }
  }

  has(path: ObjectPath): boolean {
    return this.#look(decodeObjectPath(path)) !== undefined;
  }

  async *list(): AsyncGenerator<readonly ObjectRef[], void> {
    let batch: ObjectRef[] = [];
    for await (const entry of await opendir(this.#folder)) {
      const stats = entry.isFile() ? this.#look(Buffer.from(entry.name)) : undefined;
      if (stats === undefined) continue; // our own folder, or gone meanwhile
      const path = encodeObjectPath(Buffer.from(entry.name));
      const object = { path, version: versionOfFile(stats), sizeBytes: Number(stats.size) };
      batch.push(objectRefSchema.parse(object));
      if (batch.length < LIST_BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #look(name: Buffer) {
    const path = Buffer.concat([Buffer.from(`${this.#folder}/`), name]);
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  }
}

async function receive(
  bytes: AsyncIterable<Uint8Array>,
  file: FileHandle,
  maxBytes: number,
): Promise<{ hash: Hash; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new UploadTooLargeError(maxBytes);
    hash.update(chunk);
    for (let at = 0; at < chunk.length;) {
      at += (await file.write(chunk, at)).bytesWritten;
    }
  }
  if (sizeBytes === 0) throw new UploadEmptyError();
  return { hash, sizeBytes };
}
