import type { NameRefusal } from "./upload/request-path.ts";
import type { UploadRule } from "./upload/upload-judge.ts";

/** Port: what happens while access logs are read. None of these may throw. */
export interface NginxLogEvents {
  /** A file is read from now on; `offset` is above 0 where an earlier run had been. */
  logOpened(event: { readonly log: string; readonly file: string; readonly offset: number }): void;
  /** A log cannot be read; told once, and tried again. */
  logUnavailable(event: { readonly log: string; readonly code: string }): void;
  logRecovered(event: { readonly log: string }): void;
  logRotated(event: { readonly log: string; readonly how: "renamed" | "truncated" }): void;
  /** Lines may never have been seen; only a listing finds what they named. */
  linesLost(event: {
    readonly log: string;
    readonly reason: "truncated" | "copy-not-found" | "file-gone" | "damaged";
  }): void;
  /** Lines were passed over; those of another format are a mistake in the configuration if they are all. */
  linesSkipped(event: {
    readonly reason: "too-long" | "other-format";
    readonly count: number;
  }): void;
  linesRead(event: { readonly count: number }): void;
  /** A line meant an upload. */
  uploadNamed(event: { readonly rule: UploadRule | "unnamed"; readonly isCertain: boolean }): void;
  /** A name in a line leads nowhere. */
  nameRefused(event: { readonly reason: NameRefusal }): void;
  /** What an object's name led to, when it is dealt with. */
  nameFollowed(event: { readonly result: FollowResult }): void;
}

export type FollowResult =
  | "object"
  | "missing"
  | "maybe-missing"
  | "directory"
  | "unreadable"
  | "symlink"
  | "special"
  | "outside"
  | "other-device"
  | "fetched"
  | "known"
  | "fetch-refused"
  | "fetch-failed";
