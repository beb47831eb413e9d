import { Worker } from "node:worker_threads";
import { fromText } from "../byte-path.ts";
import { errorCode } from "../error-code.ts";
import { describeFailure } from "./describe-failure.ts";
import type { Notifier, NotifierListener, NotifierOptions } from "./notifier.ts";
import {
  threadReportSchema,
  type ThreadOrder,
  type ThreadReport,
  type ThreadSettings,
  type WatcherKind,
} from "./thread-messages.ts";

/** The watcher that suits the operating system. */
function defaultWatcherKind(platform: NodeJS.Platform): WatcherKind {
  return platform === "linux" ? "native" : "chokidar";
}

/** Starts a notifier in a thread of its own; resolves when everything is watched, or as much of it as can be. */
export async function startThreadNotifier(
  options: NotifierOptions,
  listener: NotifierListener,
  kind: WatcherKind = defaultWatcherKind(process.platform),
): Promise<Notifier> {
  return await ThreadNotifier.start(options, listener, kind);
}

/** A notifier in a thread of its own. A thread that dies is reported, and started again by the next `check`. */
class ThreadNotifier implements Notifier {
  readonly #settings: ThreadSettings;
  readonly #listener: NotifierListener;
  /** Null after it died and before it is started again. */
  #worker: Worker | null = null;
  #isClosed = false;

  private constructor(settings: ThreadSettings, listener: NotifierListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  static async start(
    { folder, ignore, maxDepth }: NotifierOptions,
    listener: NotifierListener,
    kind: WatcherKind,
  ): Promise<ThreadNotifier> {
    const settings = { kind, folder: fromText(folder), ignore: [...ignore], maxDepth };
    const notifier = new ThreadNotifier(settings, listener);
    await notifier.#spawn();
    return notifier;
  }

  check(): void {
    if (this.#isClosed) return;
    if (this.#worker !== null) {
      this.#order("check");
      return;
    }
    this.#spawn().catch((error: unknown) => this.#fail(errorCode(error)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  /** Resolves when the thread watches, or has died. */
  async #spawn(): Promise<void> {
    const worker = new Worker(threadUrl(), {
      workerData: this.#settings,
      env: withoutChokidarSettings(process.env),
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker = worker;
    const started = Promise.withResolvers<void>();
    worker.on("message", (message: unknown) => {
      const report = threadReportSchema.parse(message);
      if (report.type === "watching") started.resolve();
      if (!this.#isClosed) this.#hear(report);
    });
    worker.on("error", (error) => this.#fail(errorCode(error)));
    worker.on("exit", () => {
      if (this.#worker === worker) {
        this.#worker = null;
        this.#fail("NOTIFIER_STOPPED");
      }
      started.resolve();
    });
    await started.promise;
  }

  #hear(report: ThreadReport): void {
    switch (report.type) {
      case "hints":
        if (report.isOverflowed) this.#listener.overflowed();
        this.#listener.hinted(report);
        this.#order("taken");
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

  #fail(code: string): void {
    if (!this.#isClosed) this.#listener.failed({ code, message: describeFailure(code) });
  }

  #order(order: ThreadOrder): void {
    this.#worker?.postMessage(order);
  }
}

/**
 * Little for short-lived objects, so that an idle thread stays small; enough for the paths of a million directories. A
 * thread that runs into the limit dies alone and is started again.
 */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 };

/** Beside this file: as TypeScript where the sources are run, as JavaScript where they have been built. */
function threadUrl(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./notifier-thread.${extension}`, import.meta.url);
}

/** chokidar obeys these above its options; only Sluice's own settings may count. */
function withoutChokidarSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("CHOKIDAR_")));
}
