import { decodeObjectPath, type SourceName } from "@sluice/contracts";
import {
  DecidedRound,
  ReconcileSchedule,
  type Clock,
  type Intake,
  type Journal,
} from "@sluice/sources";
import { fromBytes, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";
import type { FolderEvents } from "./folder-events.ts";
import type { FolderReader } from "./folder-reader.ts";
import type { Found } from "./found.ts";
import { sortFound } from "./found-sorter.ts";
import type { HintBox } from "./hint-box.ts";
import type { Notifier } from "./notifier.ts";
import { reconcile, type ReconcileResult } from "./reconcile.ts";
import { deviceOf } from "./root-folder.ts";

export interface FolderRoundsOptions {
  readonly source: SourceName;
  /** Milliseconds between two listings. Too low: listing never stops; too high: what the watcher missed waits that long. */
  readonly reconcileEveryMs: number;
  readonly intake: Intake;
  readonly journal: Pick<Journal, "decidedAfter" | "forget">;
  readonly clock: Clock;
  readonly events: FolderEvents;
}

export interface FolderParts {
  /** Absolute path, links resolved. */
  readonly folder: string;
  readonly thread: FolderReader & Notifier;
  readonly hints: HintBox;
}

/** Files looked at together. */
const LOOK_BATCH = 256;
/** When files are listed again that could not be remembered. */
const INCOMPLETE_RETRY_MS = 1000;

/**
 * The work on a folder, in rounds: a round follows some hints, looks again at what was young, and takes the listings
 * that are under way one batch further, so that a long listing does not hold up what has just arrived.
 */
export class FolderRounds {
  readonly #options: FolderRoundsOptions;
  readonly #parts: FolderParts;
  readonly #round: DecidedRound;
  readonly #schedule: ReconcileSchedule;
  /** st_dev of the folder; null before it was first asked. */
  #firstDevice: bigint | null = null;
  #device = 0n;
  /** The listings that are under way: of one hinted directory, and of the whole folder. */
  #directoryListing: AsyncGenerator<readonly Found[], void, undefined> | null = null;
  #reconciliation: AsyncGenerator<void, ReconcileResult, undefined> | null = null;
  #reconciledAtMs: number | null = null;
  #isAvailable = true;

  constructor(options: FolderRoundsOptions, parts: FolderParts) {
    this.#options = options;
    this.#parts = parts;
    this.#round = new DecidedRound(options.source, options.journal);
    this.#schedule = new ReconcileSchedule(options.reconcileEveryMs, options.clock.nowMs());
  }

  get reconciledAtMs(): number | null {
    return this.#reconciledAtMs;
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  /** When there will be something to do, if no hint comes before. */
  get dueAtMs(): number {
    const lookAtMs = this.#options.intake.nextDueMs ?? Number.POSITIVE_INFINITY;
    return Math.min(this.#schedule.dueAtMs, lookAtMs);
  }

  /** Works one round. Returns whether there was anything to do. @throws FolderThreadError */
  async next(): Promise<boolean> {
    const didReconcile = await this.#reconcileSome();
    const didLook = await this.#followHints();
    const didLookAgain = await this.#lookAgain();
    const didList = await this.#listSome();
    return didReconcile || didLook || didLookAgain || didList;
  }

  /** The thread was lost, and what it was asked with it; the listing that comes now finds all of that. Returns when it comes. */
  async recover(): Promise<number> {
    await this.abandon();
    this.#schedule.end(this.#options.clock.nowMs(), { isDone: false });
    this.#schedule.want(this.#options.clock.nowMs(), INCOMPLETE_RETRY_MS);
    return this.#schedule.dueAtMs;
  }

  /** Everything is to be listed, not before `delayMs` from now. */
  wantListing(delayMs = 0): void {
    this.#schedule.want(this.#options.clock.nowMs(), delayMs);
  }

  /** Gives up the listings that are under way. */
  async abandon(): Promise<void> {
    await this.#directoryListing?.return();
    await this.#reconciliation?.return({ isDone: false, isComplete: false });
    this.#directoryListing = null;
    this.#reconciliation = null;
  }

  async #followHints(): Promise<boolean> {
    const { source, events } = this.#options;
    if (this.#parts.hints.takeOverflow()) {
      events.hintsOverflowed({ source });
      this.#schedule.want(this.#options.clock.nowMs());
    }
    const wanted = { maxEntries: LOOK_BATCH, maxDirectories: 0 };
    return await this.#lookAtAll(this.#parts.hints.take(wanted).entries);
  }

  async #lookAgain(): Promise<boolean> {
    const due = this.#options.intake.takeDue(LOOK_BATCH);
    return await this.#lookAtAll(due.map((path) => fromBytes(decodeObjectPath(path))));
  }

  async #lookAtAll(paths: readonly BytePath[]): Promise<boolean> {
    if (paths.length === 0) return false;
    this.#sort(await this.#parts.thread.look(paths, this.#device));
    return true;
  }

  /** Takes the listing of a hinted directory one batch further. */
  async #listSome(): Promise<boolean> {
    if (this.#directoryListing === null) {
      const { directories } = this.#parts.hints.take({ maxEntries: 0, maxDirectories: 1 });
      const [from] = directories;
      if (from === undefined) return false;
      const request = { from, isRecursive: false, device: this.#device };
      this.#directoryListing = this.#parts.thread.list(request);
    }
    const step = await this.#directoryListing.next();
    if (step.done === true) this.#directoryListing = null;
    else this.#sort(step.value);
    return true;
  }

  /** Takes the listing of the whole folder one batch further, and begins one when it is time. */
  async #reconcileSome(): Promise<boolean> {
    if (this.#reconciliation === null) {
      if (this.#options.clock.nowMs() < this.#schedule.dueAtMs) return false;
      this.#schedule.begin();
      await this.#beginReconcile();
      return true;
    }
    const step = await this.#reconciliation.next();
    if (step.done === true) this.#endReconcile(step.value);
    return true;
  }

  async #beginReconcile(): Promise<void> {
    const { source, events } = this.#options;
    const { folder, thread } = this.#parts;
    thread.check();
    try {
      this.#device = await deviceOf(folder);
    } catch (error) {
      events.folderUnavailable({ source, code: errorCode(error) });
      this.#endReconcile({ isDone: false, isComplete: false });
      return;
    }
    this.#firstDevice ??= this.#device;
    this.#reconciliation = reconcile({
      ...this.#options,
      reader: thread,
      device: this.#device,
      round: this.#round,
      mayForget: this.#device === this.#firstDevice,
    });
  }

  #endReconcile({ isDone, isComplete }: ReconcileResult): void {
    const nowMs = this.#options.clock.nowMs();
    this.#reconciliation = null;
    this.#isAvailable = isDone;
    if (isDone) this.#reconciledAtMs = nowMs;
    this.#schedule.end(nowMs, { isDone });
    if (isDone && !isComplete) this.#schedule.want(nowMs, INCOMPLETE_RETRY_MS);
  }

  #sort(batch: readonly Found[]): void {
    if (sortFound(batch, this.#options)) return;
    this.#schedule.want(this.#options.clock.nowMs(), INCOMPLETE_RETRY_MS);
  }
}
