import { constants, createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import type { LogFingerprint } from "@sluice/sources";
import { FINGERPRINT_BYTES, takeFingerprint } from "./fingerprint.ts";
import { LineCutter, type Lines } from "./line-cutter.ts";
import type { LogReader } from "./log-reader.ts";

/** The first plain bytes of a compressed log. Rejects with the system's errors and zlib's. */
export async function readGzipHead(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const bytes of plainBytes(path)) {
    parts.push(bytes);
    length += bytes.length;
    if (length >= FINGERPRINT_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, FINGERPRINT_BYTES);
}

/** Reads a rotated, compressed log to its end. Offsets are those of the plain text. */
export class GzipReader implements LogReader {
  readonly fingerprint: LogFingerprint;
  readonly #cutter: LineCutter;
  readonly #bytes: AsyncGenerator<Buffer, void>;
  /** Plain bytes that were dealt with earlier. */
  #toSkip: number;
  #isAtEnd = false;

  constructor(
    path: string,
    { head, at, maxLineBytes }: { head: Buffer; at: number; maxLineBytes: number },
  ) {
    this.fingerprint = takeFingerprint(head);
    this.#cutter = new LineCutter(at, maxLineBytes);
    this.#bytes = plainBytes(path);
    this.#toSkip = at;
  }

  get at(): number {
    return this.#cutter.at;
  }

  takeTooLong(): number {
    return this.#cutter.takeTooLong();
  }

  async read(): Promise<Lines | null> {
    while (!this.#isAtEnd) {
      const step = await this.#bytes.next();
      if (step.done === true) {
        this.#isAtEnd = true;
        break;
      }
      const skipped = Math.min(this.#toSkip, step.value.length);
      this.#toSkip -= skipped;
      const lines = this.#cutter.push(step.value.subarray(skipped));
      if (lines !== null) return lines;
    }
    return null;
  }

  finish(): Lines | null {
    return this.#cutter.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bytes.return();
  }
}

async function* plainBytes(path: string): AsyncGenerator<Buffer, void> {
  // Opened apart, so that a FIFO under this name holds nothing up.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const source = createReadStream(path, { fd: file, highWaterMark: 1 << 16 });
  const plain = createGunzip({ chunkSize: 1 << 16 });
  source.on("error", (error) => plain.destroy(error));
  source.pipe(plain);
  try {
    for await (const bytes of plain) if (Buffer.isBuffer(bytes)) yield bytes;
  } finally {
    source.destroy();
    plain.destroy();
  }
}
