import type { BytePath } from "../byte-path.ts";
import type { Found } from "../found.ts";
import type { Hints } from "../notifier.ts";

/** native: one watch per directory. chokidar: for other systems than Linux. none: no hints at all. */
export type WatcherKind = "native" | "chokidar" | "none";

/** What the thread is started with. Both ends are of one build and in one process, so these types are trusted. */
export interface ThreadSettings {
  readonly watcher: WatcherKind;
  /** Absolute, in bytes. */
  readonly folder: BytePath;
  readonly ignore: readonly string[];
  readonly include: readonly string[];
  readonly maxDepth: number;
}

/** What the thread is told to do. Requests carry an id and are answered in order. */
export type ThreadOrder =
  | {
      readonly type: "look";
      readonly id: number;
      readonly paths: readonly BytePath[];
      readonly device: bigint;
    }
  /** Begins a listing; `next` under the same listing gives its batches, until one is empty. */
  | {
      readonly type: "list";
      readonly listing: number;
      readonly from: BytePath;
      readonly isRecursive: boolean;
      readonly device: bigint;
    }
  | { readonly type: "next"; readonly id: number; readonly listing: number }
  | { readonly type: "close"; readonly listing: number }
  /** The last hints have arrived; more may be sent. */
  | { readonly type: "taken" }
  | { readonly type: "check" };

/** What the thread says. */
export type ThreadReport =
  | { readonly type: "watching" }
  | { readonly type: "found"; readonly id: number; readonly found: readonly Found[] }
  | ({ readonly type: "hints"; readonly isOverflowed: boolean } & Hints)
  | { readonly type: "failed"; readonly code: string }
  | { readonly type: "recovered" };
