import { decodeObjectPath } from "@sluice/contracts";
import type { Clock, DecidedRound, Journal } from "@sluice/sources";
import { fromBytes } from "./byte-path.ts";
import type { FolderEvents } from "./folder-events.ts";
import type { FolderReader } from "./folder-reader.ts";
import { newTally, sortFound, type FoundSorter } from "./found-sorter.ts";

export interface ReconcileOptions extends FoundSorter {
  readonly reader: FolderReader;
  /** st_dev of the folder. */
  readonly device: bigint;
  readonly journal: Pick<Journal, "forget">;
  readonly round: DecidedRound;
  readonly clock: Clock;
  readonly events: Pick<FolderEvents, "reconciled" | "unreadable" | "folderUnavailable">;
  /** Whether rows of vanished files may be forgotten: not when another file system lies here than at start (a disk was unmounted). */
  readonly mayForget: boolean;
}

export interface ReconcileResult {
  /** False: the folder could not be listed. */
  readonly isDone: boolean;
  /** False: list again soon, some files could not be remembered. */
  readonly isComplete: boolean;
}

/** Decided rows looked at per listing, and how many of them together. */
const FORGET_CHECKS = 10_000;
const FORGET_PAGE = 256;

/** Compares the whole folder with the journal, yielding after every batch so that hints need not wait for the end. */
export async function* reconcile(
  options: ReconcileOptions,
): AsyncGenerator<void, ReconcileResult, undefined> {
  const { source, reader, device, events, clock } = options;
  const startedAtMs = clock.nowMs();
  const tally = newTally();
  let isComplete = true;
  for await (const batch of reader.list({ from: "", isRecursive: true, device })) {
    const [first] = batch;
    if (first?.path === "" && (first.kind === "missing" || first.kind === "unreadable")) {
      const code = first.kind === "unreadable" ? first.code : "ENOENT";
      events.folderUnavailable({ source, code });
      return { isDone: false, isComplete: false };
    }
    isComplete = sortFound(batch, options, tally) && isComplete;
    yield;
  }
  const forgotten = options.mayForget ? yield* forgetVanished(options) : 0;
  const durationMs = clock.nowMs() - startedAtMs;
  events.reconciled({ source, ...tally, forgotten, durationMs });
  return { isDone: true, isComplete };
}

/** Removes decided rows whose files are gone; otherwise the journal would hold every upload that there ever was. */
async function* forgetVanished(options: ReconcileOptions): AsyncGenerator<void, number, undefined> {
  const { source, reader, device, journal, round } = options;
  let forgotten = 0;
  for (let checked = 0; checked < FORGET_CHECKS; checked += FORGET_PAGE) {
    const page = round.next(FORGET_PAGE);
    const paths = page.map(({ path }) => fromBytes(decodeObjectPath(path)));
    const found = await reader.look(paths, device);
    const gone = page.filter((_, index) => found[index]?.kind === "missing");
    if (gone.length > 0) forgotten += journal.forget(source, gone);
    if (page.length < FORGET_PAGE) break;
    yield;
  }
  return forgotten;
}
