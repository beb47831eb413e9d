import type { BytePath } from "./byte-path.ts";

/** What lies at a path, found without following links and without opening anything. Plain data, because it crosses threads. */
export type Found =
  | FoundFile
  | { readonly kind: "directory"; readonly path: BytePath }
  | { readonly kind: "skipped"; readonly path: BytePath; readonly reason: SkipReason }
  | { readonly kind: "missing"; readonly path: BytePath }
  | { readonly kind: "unreadable"; readonly path: BytePath; readonly code: string };

export interface FoundFile {
  readonly kind: "file";
  readonly path: BytePath;
  /** Inode, size and both times in nanoseconds; see the contract of object versions. */
  readonly version: string;
  readonly sizeBytes: number;
  /** The later of modification and change time, Unix milliseconds. */
  readonly changedAtMs: number;
}

/** Why something that is there is no object: a link, a FIFO, socket or device, or a file system of its own. */
export type SkipReason = "symlink" | "special" | "other-device";

/** Where to look. */
export interface LookOptions {
  /** Absolute, in bytes. */
  readonly folder: BytePath;
  /** st_dev of the folder; what lies on another file system is not entered. */
  readonly device: bigint;
}
