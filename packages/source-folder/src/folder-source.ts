import { decodeObjectPath, type RootName, type SourceName } from "@sluice/contracts";
import { DecidedRound, type Clock, type Intake, type Journal } from "@sluice/sources";
import { fromBytes, fromText, type BytePath } from "./byte-path.ts";
import { errorCode } from "./error-code.ts";
import type { FolderEvents } from "./folder-events.ts";
import { sortFound } from "./found-sorter.ts";
import { compileIgnoreRule, type IgnoreRule } from "./ignore-rule.ts";
import { lookAt } from "./look-at.ts";
import { HintBox } from "./notifier/hint-box.ts";
import type { Notifier, NotifierFailure, StartNotifier } from "./notifier/notifier.ts";
import { reconcile, type ReconcileResult } from "./reconcile.ts";
import { deviceOf, openRootFolder } from "./root-folder.ts";
import { walk, type WalkOptions } from "./walk.ts";

export interface FolderSourceOptions {
  readonly source: SourceName;
  readonly root: RootName;
  /** Absolute path. */
  readonly folder: string;
  /** Patterns of paths below the folder that are no uploads. */
  readonly ignore: readonly string[];
  /** Directories between the folder and a file, at most. */
  readonly maxDepth: number;
  /** Milliseconds between two listings. Too low: listing never stops; too high: what the watcher missed waits that long. */
  readonly reconcileEveryMs: number;
  /** True: no watcher, only the listing; for network file systems, where the kernel does not see what other hosts write. */
  readonly polling: boolean;
  readonly intake: Intake;
  readonly journal: Pick<Journal, "decidedAfter" | "forget">;
  readonly clock: Clock;
  readonly events: FolderEvents;
  readonly startNotifier: StartNotifier;
  /** Told once when the source cannot go on: a bug, or a journal that cannot be read or written. */
  readonly onFailed: (error: unknown) => void;
}

export interface FolderStatus {
  readonly notifier: "watching" | "degraded" | "off";
  /** Why it is degraded, null otherwise. */
  readonly failure: NotifierFailure | null;
  /** When the last listing ended, null before the first. */
  readonly reconciledAtMs: number | null;
  /** Whether the folder could be listed when that was last tried. */
  readonly isAvailable: boolean;
  /** Files too young to be handed over. */
  readonly settling: number;
}

/** Hints kept, each about 100 bytes; more become one listing. */
const MAX_HINTS = 50_000;
/** Files looked at together. */
const LOOK_BATCH = 128;
/** Shortest time between two listings, however many reasons there are for one. */
const MIN_RECONCILE_GAP_MS = 1000;
/** When a folder that went away is looked for again, at the latest. */
const UNAVAILABLE_RETRY_MS = 5000;

/**
 * Finds the files of a folder. Hints from the watcher lead to looks, a regular listing finds whatever no hint came for, and
 * both go through one loop: nothing is looked at twice at once, so that an older look never overtakes a newer one.
 *
 *     stopped ──start: watch, then list──▶ running ──stop──▶ stopped
 */
export class FolderSource implements AsyncDisposable {
  readonly #options: FolderSourceOptions;
  readonly #isIgnored: IgnoreRule;
  readonly #round: DecidedRound;
  readonly #hints = new HintBox(MAX_HINTS);
  /** Absolute, in bytes; set by `start`. */
  #folder: BytePath = "";
  /** The file system that the folder lay on at start, and the one it lies on now. */
  #firstDevice = 0n;
  #device = 0n;
  #notifier: Notifier | null = null;
  #failure: NotifierFailure | null = null;
  /** The listing of a single directory and that of the whole folder, while they are under way. */
  #directoryListing: AsyncGenerator<void, void, undefined> | null = null;
  #reconciliation: AsyncGenerator<void, ReconcileResult, undefined> | null = null;
  #reconcileAtMs = 0;
  #reconciledAtMs: number | null = null;
  #isAvailable = false;
  #isStopping = false;
  #running: Promise<void> | null = null;
  /** Set when there is something to do, so that a wake between looking and sleeping is not lost. */
  #isWoken = false;
  #endSleep: (() => void) | null = null;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
    this.#isIgnored = compileIgnoreRule(options.ignore);
    this.#round = new DecidedRound(options.source, options.journal);
  }

  get status(): FolderStatus {
    const notifier = this.#failure === null ? "watching" : "degraded";
    return {
      notifier: this.#options.polling ? "off" : notifier,
      failure: this.#failure,
      reconciledAtMs: this.#reconciledAtMs,
      isAvailable: this.#isAvailable,
      settling: this.#options.intake.settlingCount,
    };
  }

  /** Returns when the folder is watched; the first listing is then under way. @throws FolderUnusableError */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const { root, folder, clock } = this.#options;
    const resolved = await openRootFolder(root, folder);
    this.#folder = fromText(resolved);
    this.#firstDevice = await deviceOf(resolved);
    this.#device = this.#firstDevice;
    this.#isAvailable = true;
    this.#isStopping = false;
    if (!this.#options.polling) this.#notifier = await this.#startNotifier(resolved);
    this.#reconcileAtMs = clock.nowMs();
    this.#running = this.#run();
  }

  /** Returns when nothing is being looked at and nothing is watched. May be called twice, or without a start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#running;
    this.#running = null;
    await this.#notifier?.[Symbol.asyncDispose]();
    this.#notifier = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startNotifier(folder: string): Promise<Notifier> {
    const { source, ignore, maxDepth, events, startNotifier } = this.#options;
    return await startNotifier(
      { folder, ignore, maxDepth },
      {
        hinted: ({ entries, directories }) => {
          for (const path of entries) this.#hints.addEntry(path);
          for (const path of directories) this.#hints.addDirectory(path);
          this.#wake();
        },
        overflowed: () => {
          this.#hints.overflow();
          this.#wake();
        },
        failed: (failure) => {
          const isNew = this.#failure?.code !== failure.code;
          this.#failure = failure;
          if (isNew) events.notifierDegraded({ source, ...failure });
          this.#wantReconcile(0);
        },
        recovered: () => {
          if (this.#failure !== null) events.notifierRecovered({ source });
          this.#failure = null;
        },
      },
    );
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopping) {
        this.#isWoken = false;
        const didLook = await this.#followHints();
        const didLookAgain = await this.#lookAgain();
        const didList = await this.#listDirectory();
        const didReconcile = await this.#reconcileSome();
        if (!(didLook || didLookAgain || didList || didReconcile)) await this.#sleep();
      }
    } catch (error) {
      this.#options.onFailed(error);
    } finally {
      await this.#directoryListing?.return();
      await this.#reconciliation?.return({ isDone: false, isComplete: false });
      this.#directoryListing = null;
      this.#reconciliation = null;
    }
  }

  async #followHints(): Promise<boolean> {
    const { source, events } = this.#options;
    if (this.#hints.takeOverflow()) {
      events.hintsOverflowed({ source });
      this.#wantReconcile(0);
    }
    const { entries } = this.#hints.take({ maxEntries: LOOK_BATCH, maxDirectories: 0 });
    return await this.#lookAtAll(entries);
  }

  async #lookAgain(): Promise<boolean> {
    const due = this.#options.intake.takeDue(LOOK_BATCH);
    return await this.#lookAtAll(due.map((path) => fromBytes(decodeObjectPath(path))));
  }

  async #lookAtAll(paths: readonly BytePath[]): Promise<boolean> {
    if (paths.length === 0) return false;
    const where = this.#walkOptions();
    this.#sort(await Promise.all(paths.map(async (path) => await lookAt(path, where))));
    return true;
  }

  /** Takes the listing of a hinted directory one batch further. */
  async #listDirectory(): Promise<boolean> {
    if (this.#directoryListing === null) {
      const { directories } = this.#hints.take({ maxEntries: 0, maxDirectories: 1 });
      const [path] = directories;
      if (path === undefined) return false;
      this.#directoryListing = this.#listOne(path);
    }
    const step = await this.#directoryListing.next();
    if (step.done === true) this.#directoryListing = null;
    return true;
  }

  async *#listOne(path: BytePath): AsyncGenerator<void, void, undefined> {
    for await (const batch of walk(this.#walkOptions(), { from: path, isRecursive: false })) {
      this.#sort(batch);
      yield;
    }
  }

  /** Takes the listing of the whole folder one batch further, and begins one when it is time. */
  async #reconcileSome(): Promise<boolean> {
    if (this.#reconciliation === null) {
      if (this.#options.clock.nowMs() < this.#reconcileAtMs) return false;
      await this.#beginReconcile();
      return true;
    }
    const step = await this.#reconciliation.next();
    if (step.done === true) this.#endReconcile(step.value);
    return true;
  }

  async #beginReconcile(): Promise<void> {
    const { source, clock, events, reconcileEveryMs } = this.#options;
    this.#reconcileAtMs = clock.nowMs() + reconcileEveryMs;
    try {
      this.#device = await deviceOf(Buffer.from(this.#folder, "latin1").toString("utf8"));
    } catch (error) {
      events.folderUnavailable({ source, code: errorCode(error) });
      this.#endReconcile({ isDone: false, isComplete: false });
      return;
    }
    this.#notifier?.check();
    this.#reconciliation = reconcile({
      ...this.#options,
      walk: this.#walkOptions(),
      round: this.#round,
      mayForget: this.#device === this.#firstDevice,
    });
  }

  #endReconcile({ isDone, isComplete }: ReconcileResult): void {
    const { clock, reconcileEveryMs } = this.#options;
    this.#reconciliation = null;
    this.#isAvailable = isDone;
    const nowMs = clock.nowMs();
    if (isDone) this.#reconciledAtMs = nowMs;
    // One that was asked for meanwhile stays asked for.
    const regularMs =
      nowMs + (isDone ? reconcileEveryMs : Math.min(reconcileEveryMs, UNAVAILABLE_RETRY_MS));
    const askedMs = Math.max(this.#reconcileAtMs, nowMs + MIN_RECONCILE_GAP_MS);
    this.#reconcileAtMs = Math.min(regularMs, askedMs);
    if (isDone && !isComplete) this.#wantReconcile(MIN_RECONCILE_GAP_MS);
  }

  #wantReconcile(inMs: number): void {
    this.#reconcileAtMs = Math.min(this.#reconcileAtMs, this.#options.clock.nowMs() + inMs);
    this.#wake();
  }

  #sort(batch: Parameters<typeof sortFound>[0]): void {
    if (!sortFound(batch, this.#options)) this.#wantReconcile(MIN_RECONCILE_GAP_MS);
  }

  #walkOptions(): WalkOptions {
    const { maxDepth } = this.#options;
    const isIgnored = this.#isIgnored;
    return { folder: this.#folder, device: this.#device, isIgnored, maxDepth };
  }

  #wake(): void {
    this.#isWoken = true;
    this.#endSleep?.();
  }

  /** Until a hint, a look or a listing is due, or `stop`. */
  async #sleep(): Promise<void> {
    if (this.#isWoken) return;
    const { clock, intake } = this.#options;
    const untilMs = Math.min(this.#reconcileAtMs, intake.nextDueMs ?? Number.POSITIVE_INFINITY);
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(Math.max(0, untilMs - clock.nowMs()), () => this.#wake());
      this.#endSleep = () => {
        this.#endSleep = null;
        cancel();
        resolve();
      };
    });
  }
}
