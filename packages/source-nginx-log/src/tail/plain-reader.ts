import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { LogFingerprint } from "@sluice/sources";
import { FINGERPRINT_BYTES, fits, takeFingerprint } from "./fingerprint.ts";
import { LineCutter, type Lines } from "./line-cutter.ts";
import { CHUNK_BYTES, LogReplacedError, type FileIdentity, type LogReader } from "./log-reader.ts";

export interface OpenedPlain {
  readonly file: FileHandle;
  readonly identity: FileIdentity;
  /** The first bytes, up to FINGERPRINT_BYTES. */
  readonly head: Buffer;
  readonly sizeBytes: number;
}

/** Opens a log without waiting for a FIFO. Null: no regular file. Rejects with the system's errors. */
export async function openPlain(path: string): Promise<OpenedPlain | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.isFile()) {
      const head = await readHead(file);
      const { dev, ino } = stats;
      return { file, identity: { dev, ino }, head, sizeBytes: Number(stats.size) };
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return null;
}

/** Follows a file that may still be written to, renamed, or truncated under our hands. */
export class PlainReader implements LogReader {
  readonly identity: FileIdentity;
  readonly #file: FileHandle;
  readonly #cutter: LineCutter;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #fingerprint: LogFingerprint;
  /** Bytes before this are given to the cutter. */
  #readAt: number;

  constructor(opened: OpenedPlain, { at, maxLineBytes }: { at: number; maxLineBytes: number }) {
    this.identity = opened.identity;
    this.#file = opened.file;
    this.#fingerprint = takeFingerprint(opened.head);
    this.#readAt = at;
    this.#cutter = new LineCutter(at, maxLineBytes);
  }

  get fingerprint(): LogFingerprint {
    return this.#fingerprint;
  }

  get at(): number {
    return this.#cutter.at;
  }

  takeTooLong(): number {
    return this.#cutter.takeTooLong();
  }

  /**
   * Whether it is the same file is asked after the bytes were read: had it been truncated in between, they would be another
   * file's, and those that were meant would be passed over in its copy.
   */
  async read(): Promise<Lines | null> {
    const { bytesRead } = await this.#file.read(this.#buffer, 0, CHUNK_BYTES, this.#readAt);
    await this.#verify();
    if (bytesRead === 0) return null;
    this.#readAt += bytesRead;
    return this.#cutter.push(this.#buffer.subarray(0, bytesRead));
  }

  finish(): Lines | null {
    return this.#cutter.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #verify(): Promise<void> {
    const head = await readHead(this.#file);
    const { length } = this.#fingerprint;
    if (length > 0 && !fits(head, this.#fingerprint)) throw new LogReplacedError();
    const grown = takeFingerprint(head);
    if (grown.length > length) this.#fingerprint = grown;
    const { size } = await this.#file.stat();
    if (size < this.#readAt) throw new LogReplacedError();
  }
}

async function readHead(file: FileHandle): Promise<Buffer> {
  const head = Buffer.alloc(FINGERPRINT_BYTES);
  const { bytesRead } = await file.read(head, 0, FINGERPRINT_BYTES, 0);
  return head.subarray(0, bytesRead);
}
