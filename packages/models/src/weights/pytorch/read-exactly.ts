import type { FileHandle } from "node:fs/promises";
import { PickleError } from "./pickle-error.ts";

/** Reads exactly `length` bytes at `offset`. Throws PickleError when the file ends before. */
export async function readExactly(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) throw new PickleError(`the file ends at byte ${offset + done}`);
    done += bytesRead;
  }
  return buffer;
}
