import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, open, rm, type FileHandle } from "node:fs/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { systemCode } from "./folder-errors.ts";
import { descriptorPath } from "./open-folder.ts";

/** Bytes read at a time; hashing one takes about a millisecond, so the event loop stays free. */
const BLOCK_BYTES = 256 * 1024;

/**
 * Copies an open file to a new one (mode 0600, replacing an unfinished attempt) and gives the hash of what the copy
 * holds. Shares the blocks where the file system can; then the copy's bytes are hashed, not the original's.
 * The target's folder must be private: a shared copy has the original's mode for a moment.
 */
export async function copyHashed(
  from: FileHandle,
  to: string | Buffer,
): Promise<{ readonly handle: FileHandle; readonly sha256: Sha256; readonly sizeBytes: number }> {
  await rm(to, { force: true });
  const isShared = await shareBlocks(from, to);
  const flags = isShared
    ? constants.O_RDWR | constants.O_NOFOLLOW
    : constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  const handle = await open(to, flags, 0o600);
  try {
    if (isShared) await handle.chmod(0o600);
    return { handle, ...(await hashBytes(isShared ? handle : from, isShared ? null : handle)) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** SHA-256 of an open file's bytes from its beginning. */
export async function hashFile(handle: FileHandle): Promise<Sha256> {
  return (await hashBytes(handle, null)).sha256;
}

async function shareBlocks(from: FileHandle, to: string | Buffer): Promise<boolean> {
  try {
    const flags = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
    await copyFile(descriptorPath(from), to, flags);
    return true;
  } catch (error) {
    // Another file system, or one that cannot share blocks: most of them.
    if (!["ENOTSUP", "EXDEV", "EINVAL", "ENOSYS", "ENOTTY"].includes(systemCode(error)))
      throw error;
    await rm(to, { force: true });
    return false;
  }
}

async function hashBytes(
  from: FileHandle,
  to: FileHandle | null,
): Promise<{ sha256: Sha256; sizeBytes: number }> {
  const hash = createHash("sha256");
  const { size } = await from.stat();
  const block = Buffer.allocUnsafe(Math.max(1, Math.min(BLOCK_BYTES, size + 1)));
  let at = 0;
  for (;;) {
    const { bytesRead } = await from.read(block, 0, block.length, at);
    if (bytesRead === 0) break;
    const bytes = block.subarray(0, bytesRead);
    hash.update(bytes);
    if (to !== null) await writeAll(to, bytes, at);
    at += bytesRead;
  }
  return { sha256: sha256Schema.parse(hash.digest("hex")), sizeBytes: at };
}

async function writeAll(to: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const rest = bytes.length - written;
    written += (await to.write(bytes, written, rest, at + written)).bytesWritten;
  }
}
