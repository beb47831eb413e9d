import {
  closeSync,
  fstatSync,
  fsync,
  lstatSync,
  openSync,
  readlinkSync,
  type BigIntStats,
} from "node:fs";
import { promisify } from "node:util";
import { systemCode } from "./folder-errors.ts";

const flush = promisify(fsync);

/**
 * An open file or folder. What the kernel answers from memory (open, stat, readlink, close: microseconds) is asked
 * synchronously, because by way of the thread pool each such question costs twenty times its price; what waits for a
 * disk (read, write, sync, rename) never is.
 */
export class Descriptor implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Throws the system's error. */
  static open(path: string | Buffer, flags: number): Descriptor {
    return new Descriptor(openSync(path, flags));
  }

  /** Path through which the open file itself is reached, whatever its name has become. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  stat(): BigIntStats {
    return fstatSync(this.fd, { bigint: true });
  }

  /** Its present real path, as bytes. */
  realPath(): Buffer {
    return readlinkSync(this.path, { encoding: "buffer" });
  }

  /** For a folder: path of an entry; its last component is the only one that can be anybody's link. */
  entry(name: string | Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.path}/`), Buffer.from(name)]);
  }

  /** For a folder: what stands under a name, not following links; null when nothing does. */
  look(name: string | Buffer): BigIntStats | null {
    return lstatSync(this.entry(name), { bigint: true, throwIfNoEntry: false }) ?? null;
  }

  /** Makes a file's bytes, or a folder's names, durable. */
  async sync(): Promise<void> {
    try {
      await flush(this.fd);
    } catch (error) {
      // Some network file systems cannot sync folders; there the rename itself is as durable as it gets.
      if (!["EINVAL", "ENOTSUP"].includes(systemCode(error)) || !this.stat().isDirectory())
        throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
