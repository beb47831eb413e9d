import type { BytePath } from "./byte-path.ts";

/**
 * Port: tells where something may have changed. Nothing that it says is taken for true, nothing that it leaves out is lost
 * for good: a hint leads to a look, and the listing finds what no hint came for.
 */
export interface Notifier {
  /** Makes sure that what should be watched is: the folder may have been replaced, a limit raised, the watcher have died. */
  check(): void;
}

export interface NotifierListener {
  hinted(hints: Hints): void;
  /** Events may have been lost: list everything. */
  overflowed(): void;
  /** Some or all of the folder is not watched any more; hints may still come. */
  failed(failure: NotifierFailure): void;
  /** After a failure: everything is watched again. */
  recovered(): void;
}

export interface Hints {
  /** Something happened to what lies, or lay, here. */
  readonly entries: readonly BytePath[];
  /** What these directories hold has to be listed: they are new, or a name in them could not be told. */
  readonly directories: readonly BytePath[];
}

export interface NotifierFailure {
  /** ENOSPC, EMFILE, … */
  readonly code: string;
  readonly message: string;
}
