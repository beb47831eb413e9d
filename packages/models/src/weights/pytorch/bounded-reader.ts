import { read } from "node:fs";
import { RandomAccessReader } from "yauzl";

/**
 * Reads an open file for yauzl, and only inside of it.
 *
 * yauzl 3.4.0 hands a position that a forged zip64 record states straight to fs.read, which throws out of a
 * callback and would end the process (found by this package's fuzz test). Here such a position is an error of that read.
 * Closing is left to the owner of the descriptor, because tensors are read from it later.
 */
export class BoundedReader extends RandomAccessReader {
  readonly #fd: number;
  readonly #fileBytes: number;

  constructor(fd: number, fileBytes: number) {
    super();
    this.#fd = fd;
    this.#fileBytes = fileBytes;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const isInside = Number.isSafeInteger(position) && position >= 0;
    if (!isInside || position + length > this.#fileBytes) {
      setImmediate(callback, new Error(`a record lies at byte ${position}, outside of the file`));
      return;
    }
    read(this.#fd, buffer, offset, length, position, callback);
  }

  override close(callback: (error: Error | null) => void): void {
    setImmediate(callback, null);
  }
}
