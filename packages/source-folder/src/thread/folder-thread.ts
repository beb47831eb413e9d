import { Worker } from "node:worker_threads";
import { fromText, type BytePath } from "../byte-path.ts";
import { errorCode } from "../error-code.ts";
import { FolderThreadError } from "../folder-error.ts";
import type { FolderReader, ListRequest } from "../folder-reader.ts";
import type { Found } from "../found.ts";
import type { Notifier, NotifierListener } from "../notifier.ts";
import { describeFailure } from "./describe-failure.ts";
import type { ThreadOrder, ThreadReport, ThreadSettings, WatcherKind } from "./thread-messages.ts";

/** Everything that touches a folder's file system, in a thread of its own. */
export interface FolderThread extends Notifier, FolderReader, AsyncDisposable {}

export interface FolderThreadOptions {
  /** Absolute path. */
  readonly folder: string;
  readonly ignore: readonly string[];
  readonly include: readonly string[];
  readonly maxDepth: number;
  readonly watcher: WatcherKind;
}

/** Resolves when the folder is watched, or when it is known that it cannot be. */
export type StartFolderThread = (
  options: FolderThreadOptions,
  listener: NotifierListener,
) => Promise<FolderThread>;

/** The watcher that suits the operating system. */
export function defaultWatcherKind(platform: NodeJS.Platform): WatcherKind {
  return platform === "linux" ? "native" : "chokidar";
}

export const startFolderThread: StartFolderThread = async (
  { folder, ignore, include, maxDepth, watcher },
  listener,
) => {
  const patterns = { ignore: [...ignore], include: [...include] };
  const settings = { watcher, folder: fromText(folder), ...patterns, maxDepth };
  const thread = new WorkerFolderThread(settings, listener);
  await thread.spawn();
  return thread;
};

/** A thread that dies is reported, what was asked of it is refused, and the next `check` starts another. */
class WorkerFolderThread implements FolderThread {
  readonly #settings: ThreadSettings;
  readonly #listener: NotifierListener;
  /** Null after it died and before another is started. */
  #worker: Worker | null = null;
  #isClosed = false;
  #lastId = 0;
  /** Requests that were not answered yet, by id. */
  readonly #requests = new Map<number, PromiseWithResolvers<readonly Found[]>>();

  constructor(settings: ThreadSettings, listener: NotifierListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Resolves when the thread watches, or has died. */
  async spawn(): Promise<void> {
    const worker = new Worker(entryUrl(), {
      workerData: this.#settings,
      env: withoutChokidarSettings(process.env),
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker = worker;
    const started = Promise.withResolvers<void>();
    worker.on("message", (report: ThreadReport) => {
      if (report.type === "watching") started.resolve();
      if (!this.#isClosed) this.#hear(report);
    });
    worker.on("error", (error) => this.#fail(errorCode(error)));
    worker.on("exit", () => {
      if (this.#worker === worker) this.#lose();
      started.resolve();
    });
    await started.promise;
  }

  check(): void {
    if (this.#isClosed) return;
    if (this.#worker === null) this.spawn().catch((error: unknown) => this.#fail(errorCode(error)));
    else this.#order({ type: "check" });
  }

  async look(paths: readonly BytePath[], device: bigint): Promise<readonly Found[]> {
    return await this.#ask((id) => ({ type: "look", id, paths, device }));
  }

  /** Asks for one batch ahead, so that the thread reads while the caller works. */
  async *list(request: ListRequest): AsyncGenerator<readonly Found[], void, undefined> {
    const listing = ++this.#lastId;
    this.#order({ type: "list", listing, ...request });
    const askNext = async () => await this.#ask((id) => ({ type: "next", id, listing }));
    let next = askNext();
    try {
      for (;;) {
        const found = await next;
        if (found.length === 0) return;
        next = askNext();
        next.catch(ignoreUntilAwaited);
        yield found;
      }
    } finally {
      this.#order({ type: "close", listing });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#lose();
    await worker?.terminate();
  }

  async #ask(order: (id: number) => ThreadOrder): Promise<readonly Found[]> {
    if (this.#worker === null) throw new FolderThreadError();
    const id = ++this.#lastId;
    const request = Promise.withResolvers<readonly Found[]>();
    this.#requests.set(id, request);
    this.#order(order(id));
    return await request.promise;
  }

  #hear(report: ThreadReport): void {
    switch (report.type) {
      case "found":
        this.#requests.get(report.id)?.resolve(report.found);
        this.#requests.delete(report.id);
        return;
      case "hints":
        if (report.isOverflowed) this.#listener.overflowed();
        this.#listener.hinted(report);
        this.#order({ type: "taken" });
        return;
      case "failed":
        this.#fail(report.code);
        return;
      case "recovered":
        this.#listener.recovered();
        return;
      case "watching":
        return;
      default:
        report satisfies never;
    }
  }

  #lose(): void {
    this.#worker = null;
    for (const { reject } of this.#requests.values()) reject(new FolderThreadError());
    this.#requests.clear();
    this.#fail("THREAD_STOPPED");
  }

  #fail(code: string): void {
    if (!this.#isClosed) this.#listener.failed({ code, message: describeFailure(code) });
  }

  #order(order: ThreadOrder): void {
    this.#worker?.postMessage(order);
  }
}

/**
 * Little for short-lived objects, so that the thread stays small; enough for the paths of a million directories. A
 * thread that runs into the limit dies alone and is started again.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 };

/** Beside this file: as TypeScript where the sources are run, as JavaScript where they have been built. */
function entryUrl(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./thread-entry.${extension}`, import.meta.url);
}

/** chokidar obeys these above its options; only Sluice's own settings may count. */
function withoutChokidarSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("CHOKIDAR_")));
}

/** A request whose answer nobody waits for yet may be refused meanwhile; whoever awaits it is told then. */
function ignoreUntilAwaited(): void {}
