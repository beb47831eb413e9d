import type { BytePath } from "./byte-path.ts";
import type { PathRule } from "./path-rule.ts";

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
  /** It has other names, too, which may lie outside of the folder. */
  readonly isHardLinked: boolean;
}

/** Why something that is there is no object; `special` is a FIFO, socket or device. */
export type SkipReason =
  | "symlink"
  | "special"
  | "other-device"
  | "ignored"
  | "not-included"
  | "too-deep";

/** Where to look. */
export interface LookOptions {
  /** Absolute, in bytes. */
  readonly folder: BytePath;
  /** st_dev of the folder; what lies on another file system is not entered. */
  readonly device: bigint;
  /** Of files; the others are no objects. */
  readonly isIncluded: PathRule;
}
