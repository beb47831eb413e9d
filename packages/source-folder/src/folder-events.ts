import type { SourceName } from "@sluice/contracts";
import type { SkipReason } from "./found.ts";
import type { NotifierFailure } from "./notifier.ts";

/** Port: what happens while a folder is watched. None of these may throw. */
export interface FolderEvents {
  /** The whole folder was listed and compared with the journal. */
  reconciled(event: {
    readonly source: SourceName;
    readonly files: number;
    /** Files among them with other names as well: taking one away leaves the others. */
    readonly hardLinked: number;
    /** Things that are no objects, by why. */
    readonly skipped: Readonly<Record<SkipReason, number>>;
    readonly unreadable: number;
    /** Journal rows removed because their files are gone. */
    readonly forgotten: number;
    readonly durationMs: number;
  }): void;
  /** The folder itself could not be listed; it is tried again. */
  folderUnavailable(event: { readonly source: SourceName; readonly code: string }): void;
  /** Files or directories that Sluice may not read; once per listing and hint, without names. */
  unreadable(event: { readonly source: SourceName; readonly code: string }): void;
  /** Too many hints at once, or the kernel's queue was close to full: everything is listed. */
  hintsOverflowed(event: { readonly source: SourceName }): void;
  notifierDegraded(event: { readonly source: SourceName } & NotifierFailure): void;
  notifierRecovered(event: { readonly source: SourceName }): void;
}
