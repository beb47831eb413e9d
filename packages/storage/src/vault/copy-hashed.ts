import { createHash } from "node:crypto";
import { constants, fchmodSync, open, read, write } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { Descriptor } from "./descriptor.ts";
import { systemCode } from "./folder-errors.ts";

const openFile = promisify(open);
const readBlock = promisify(read);
const writeBlock = promisify(write);

/** Bytes read at a time; hashing one takes about a millisecond, so the event loop stays free. */
const BLOCK_BYTES = 256 * 1024;

/** A copy and what it holds. */
export interface HashedCopy extends Disposable {
  readonly file: Descriptor;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** Copies files, sharing their blocks where the file system can. */
export class HashingCopier {
  /** Pairs of devices between which blocks cannot be shared; asked once each. */
  readonly #unshared = new Set<string>();

  /**
   * Copies an open file to a new one (mode 0600, replacing an unfinished attempt) and hashes what the copy holds. The
   * target's folder must be private: a shared copy has the original's mode for a moment.
   */
  async copy(from: Descriptor, to: { folder: Descriptor; name: string }): Promise<HashedCopy> {
    const path = to.folder.entry(to.name);
    const isShared = await this.#share(from, to, path);
    const file = isShared ? await openShared(path) : await create(path);
    try {
      const hashed = isShared ? await hashBytes(file, null) : await hashBytes(from, file);
      return { file, ...hashed, [Symbol.dispose]: () => file[Symbol.dispose]() };
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** The same for bytes that come from elsewhere, and of which nothing can be shared. */
  async copyStream(
    bytes: AsyncIterable<Uint8Array>,
    to: { folder: Descriptor; name: string },
  ): Promise<HashedCopy> {
    const file = await create(to.folder.entry(to.name));
    try {
      const hashed = await hashStream(bytes, file);
      return { file, ...hashed, [Symbol.dispose]: () => file[Symbol.dispose]() };
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  async #share(from: Descriptor, to: { folder: Descriptor }, path: Buffer): Promise<boolean> {
    const pair = `${from.stat().dev} ${to.folder.stat().dev}`;
    if (this.#unshared.has(pair)) return false;
    await rm(path, { force: true });
    try {
      const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
      await copyFile(from.path, path, flags);
      return true;
    } catch (error) {
      // Another file system, or one that cannot share blocks: most of them.
      if (!["ENOTSUP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY"].includes(systemCode(error)))
        throw error;
      this.#unshared.add(pair);
      return false;
    }
  }
}

/** SHA-256 of an open file's bytes from its beginning. */
export async function hashFile(file: Descriptor): Promise<Sha256> {
  return (await hashBytes(file, null)).sha256;
}

async function openShared(path: Buffer): Promise<Descriptor> {
  const file = new Descriptor(await openFile(path, constants.O_RDWR | constants.O_NOFOLLOW));
  fchmodSync(file.fd, 0o600);
  return file;
}

async function create(path: Buffer): Promise<Descriptor> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  try {
    return new Descriptor(await openFile(path, flags, 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  await rm(path); // left by an attempt that did not finish
  return new Descriptor(await openFile(path, flags, 0o600));
}

async function hashBytes(
  from: Descriptor,
  to: Descriptor | null,
): Promise<{ sha256: Sha256; sizeBytes: number }> {
  const hash = createHash("sha256");
  const size = Number(from.stat().size);
  const block = Buffer.allocUnsafe(Math.max(1, Math.min(BLOCK_BYTES, size + 1)));
  let at = 0;
  for (;;) {
    const { bytesRead } = await readBlock(from.fd, block, 0, block.length, at);
    if (bytesRead === 0) break;
    const bytes = block.subarray(0, bytesRead);
    hash.update(bytes);
    if (to !== null) await writeAll(to, bytes, at);
    at += bytesRead;
  }
  return { sha256: sha256Schema.parse(hash.digest("hex")), sizeBytes: at };
}

async function hashStream(
  from: AsyncIterable<Uint8Array>,
  to: Descriptor,
): Promise<{ sha256: Sha256; sizeBytes: number }> {
  const hash = createHash("sha256");
  let at = 0;
  for await (const bytes of from) {
    hash.update(bytes);
    await writeAll(to, bytes, at);
    at += bytes.length;
  }
  return { sha256: sha256Schema.parse(hash.digest("hex")), sizeBytes: at };
}

async function writeAll(to: Descriptor, bytes: Uint8Array, at: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.length - written;
    written += (await writeBlock(to.fd, bytes, written, rest, at + written)).bytesWritten;
  }
}
