import type { RootName } from "@sluice/contracts";
import { Sleeper } from "@sluice/sources";
import { FolderThreadError } from "./folder-error.ts";
import { FolderRounds, type FolderRoundsOptions } from "./folder-rounds.ts";
import { HintBox } from "./hint-box.ts";
import type { NotifierFailure, NotifierListener } from "./notifier.ts";
import { openRootFolder } from "./root-folder.ts";
import {
  defaultWatcherKind,
  type FolderThread,
  type StartFolderThread,
} from "./thread/folder-thread.ts";

export interface FolderSourceOptions extends FolderRoundsOptions {
  readonly root: RootName;
  /** Absolute path. */
  readonly folder: string;
  /** Patterns of paths below the folder that are no uploads. */
  readonly ignore: readonly string[];
  /** Patterns of the files that are; none: all. */
  readonly include: readonly string[];
  /** Directories between the folder and a file, at most. */
  readonly maxDepth: number;
  /** True: no watcher, only the listing; for network file systems, where the kernel does not see what other hosts write. */
  readonly polling: boolean;
  readonly startThread: StartFolderThread;
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

/**
 * Finds the files of a folder. Hints from the watcher lead to looks, a regular listing finds whatever no hint came for, and
 * both go through one loop: nothing is looked at twice at once, so that an older look never overtakes a newer one.
 *
 *     stopped ──start: watch, then list──▶ running ──stop──▶ stopped
 */
export class FolderSource implements AsyncDisposable {
  readonly #options: FolderSourceOptions;
  readonly #hints = new HintBox(MAX_HINTS);
  readonly #sleeper: Sleeper;
  /** Set while running. */
  #thread: FolderThread | null = null;
  #rounds: FolderRounds | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  /** Why the watcher does not see everything, null while it does. */
  #failure: NotifierFailure | null = null;

  constructor(options: FolderSourceOptions) {
    this.#options = options;
    this.#sleeper = new Sleeper(options.clock);
  }

  get status(): FolderStatus {
    const notifier = this.#failure === null ? "watching" : "degraded";
    return {
      notifier: this.#options.polling ? "off" : notifier,
      failure: this.#failure,
      reconciledAtMs: this.#rounds?.reconciledAtMs ?? null,
      isAvailable: this.#rounds?.isAvailable ?? false,
      settling: this.#options.intake.settlingCount,
    };
  }

  /** Returns when the folder is watched; the first listing is then under way. @throws FolderUnusableError */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const { root, ignore, include, maxDepth, polling, startThread } = this.#options;
    const folder = await openRootFolder(root, this.#options.folder);
    const watcher = polling ? "none" : defaultWatcherKind(process.platform);
    const what = { folder, ignore, include, maxDepth, watcher };
    const thread = await startThread(what, this.#listener());
    const rounds = new FolderRounds(this.#options, { folder, thread, hints: this.#hints });
    this.#thread = thread;
    this.#rounds = rounds;
    this.#isStopping = false;
    this.#running = this.#run(rounds);
  }

  /** Somebody knows of changes that he cannot name: everything is listed, after `delayMs` unless it is due before. */
  reconcileSoon(delayMs: number): void {
    this.#rounds?.wantListing(delayMs);
    this.#sleeper.wake();
  }

  /** Returns when nothing is being looked at and nothing is watched. May be called twice, or without a start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#sleeper.wake();
    await this.#thread?.[Symbol.asyncDispose](); // first, so that a hung file system cannot hold the loop
    await this.#running;
    this.#thread = null;
    this.#running = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #listener(): NotifierListener {
    const { source, events } = this.#options;
    return {
      hinted: ({ entries, directories }) => {
        for (const path of entries) this.#hints.addEntry(path);
        for (const path of directories) this.#hints.addDirectory(path);
        this.#sleeper.wake();
      },
      overflowed: () => {
        this.#hints.overflow();
        this.#sleeper.wake();
      },
      failed: (failure) => {
        const isNew = this.#failure?.code !== failure.code;
        this.#failure = failure;
        if (isNew) events.notifierDegraded({ source, ...failure });
      },
      recovered: () => {
        if (this.#failure !== null) events.notifierRecovered({ source });
        this.#failure = null;
      },
    };
  }

  async #run(rounds: FolderRounds): Promise<void> {
    try {
      while (!this.#isStopping) {
        this.#sleeper.startRound();
        const dueAtMs = await this.#work(rounds);
        if (dueAtMs !== null) await this.#sleeper.sleep(dueAtMs);
      }
    } catch (error) {
      this.#options.onFailed(error);
    } finally {
      await rounds.abandon();
    }
  }

  /** Works one round. Returns when the next one is due, null when it is due now. */
  async #work(rounds: FolderRounds): Promise<number | null> {
    try {
      return (await rounds.next()) ? null : rounds.dueAtMs;
    } catch (error) {
      if (!(error instanceof FolderThreadError)) throw error;
      return await rounds.recover();
    }
  }
}
