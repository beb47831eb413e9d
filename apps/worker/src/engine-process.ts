import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { EnsembleInfo } from "@sluice/contracts";
import type { Dispatcher, EngineItem, EngineLoss } from "@sluice/inference";
import { fromEngineSchema, type EngineFailure, type FromEngine } from "./engine/messages.ts";
import { EngineStartError, EnsembleChangedError } from "./errors.ts";
import type { EngineEvents } from "./engine-events.ts";
import { Watchdog } from "./watchdog.ts";

export interface EngineProcessOptions {
  /** Module that speaks the engine's messages. */
  readonly module: string;
  /** Node's own arguments for it. */
  readonly execArgv: readonly string[];
  /** Threads of libuv's pool in the engine: reading and decoding use them. */
  readonly poolThreads: number;
  /** With items in flight and nothing heard for this long the engine counts as hung. */
  readonly watchdogMs: number;
  /** Loading, deriving graphs and warming up may take this long. */
  readonly startTimeoutMs: number;
  /** Engines in a row that end before they are ready, until the worker gives up. */
  readonly maxStartAttempts: number;
  readonly events: EngineEvents;
}

/** A batch may take this many times as long as the largest one at warm-up: a slow model is not a hung one. */
const SLOWEST_BATCH_FACTOR = 4;

/**
 * Keeps one engine running for a dispatcher.
 *
 * States:
 * - starting: forked, not ready; items wait in the dispatcher.
 * - running: ready; items go, the watchdog runs while any is in flight.
 * - gone: no child. A fresh one is started, at once after a crash in mid-run, later and later while it does not come up.
 * - given up: `failed` is rejected. No engine is started any more.
 * - stopped: by `stop`, from any state.
 * Transitions: starting → running: "ready" came. starting, running → gone: the child ended and all that it had sent was
 * received. gone → starting. starting → given up: the child said that the configuration must be corrected, or too many in
 * a row never became ready; or it is ready with another ensemble than the first one.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #watchdog: Watchdog;
  #dispatcher: Dispatcher | null = null;
  /** Null when gone, given up or stopped. */
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | null = null;
  /** Items of this turn of the event loop, for one message. */
  #outgoing: EngineItem[] = [];
  /** What the child said before it ended. */
  #lastWords: EngineFailure | null = null;
  #wasHung = false;
  #isReady = false;
  #isStopping = false;
  #failedStarts = 0;
  /** Of the first engine that was ready; all later ones must have the same digest. */
  #ensemble: EnsembleInfo | null = null;
  readonly #firstReady = Promise.withResolvers<EnsembleInfo>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#watchdog = new Watchdog(options.startTimeoutMs, () => this.#hung());
    this.#failed.promise.catch(() => undefined); // whoever waits for it is told; nobody has to
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Rejects when no engine can be started any more, with EngineStartError or EnsembleChangedError. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Starts it and waits for the first engine to be ready. @throws EngineStartError */
  async start(dispatcher: Dispatcher): Promise<EnsembleInfo> {
    this.#dispatcher = dispatcher;
    this.#spawn();
    return await Promise.race([this.#firstReady.promise, this.#failed.promise]);
  }

  send(item: EngineItem): void {
    this.#outgoing.push(item);
    this.#watchdog.start();
    if (this.#outgoing.length === 1) queueMicrotask(() => this.#flush());
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#isReady = false;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#watchdog.stop();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL"); // it holds nothing that matters: every item is in the queue
    await gone;
  }

  #flush(): void {
    const items = this.#outgoing;
    this.#outgoing = [];
    if (this.#isReady) this.#child?.send({ type: "items", items });
  }

  #spawn(): void {
    const { module, execArgv, poolThreads, startTimeoutMs, events } = this.#options;
    const child = fork(module, [], {
      serialization: "advanced",
      execArgv: [...execArgv],
      env: {
        ...process.env,
        ORT_DISABLE_TELEMETRY: "1",
        UV_THREADPOOL_SIZE: String(poolThreads),
        MALLOC_ARENA_MAX: "2", // glibc: many arenas fragment under decode load
        VIPS_BLOCK_UNTRUSTED: "1",
      },
    });
    this.#child = child;
    this.#wasHung = false;
    this.#lastWords = null;
    this.#watchdog.limitMs = startTimeoutMs;
    this.#watchdog.start();
    child.on("message", (message) => this.#receive(fromEngineSchema.parse(message)));
    child.on("error", (error) => events.engineErrored(error));
    onceEnded(child, (exit) => this.#gone(exit));
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case "ready":
        return this.#ready(message);
      case "precisions":
        for (const choice of message.choices) this.#options.events.precisionChosen(choice);
        return;
      case "report":
        this.#options.events.engineReported(message);
        for (const outcome of message.outcomes) this.#dispatcher?.received(outcome);
        this.#watchdog.heard({ isAnybodyWaiting: this.#isAnybodyWaiting });
        return;
      case "failed":
        this.#lastWords = message;
        return;
      default:
        message satisfies never;
    }
  }

  #ready({ provider, warmUpMs, ensemble }: Extract<FromEngine, { type: "ready" }>): void {
    this.#ensemble ??= ensemble;
    if (ensemble.digest !== this.#ensemble.digest) {
      return this.#giveUp(
        new EnsembleChangedError(
          `the models have changed while the worker ran (from ${this.#ensemble.digest} to ${ensemble.digest}): it must be started again`,
        ),
      );
    }
    this.#isReady = true;
    this.#failedStarts = 0;
    const { watchdogMs, events } = this.#options;
    const limitMs = Math.max(watchdogMs, SLOWEST_BATCH_FACTOR * warmUpMs);
    this.#watchdog.limitMs = limitMs;
    this.#watchdog.stop();
    events.engineReady({ pid: this.pid ?? -1, provider, warmUpMs, watchdogMs: limitMs, ensemble });
    this.#firstReady.resolve(ensemble);
    this.#dispatcher?.engineReady();
  }

  get #isAnybodyWaiting(): boolean {
    return !this.#isReady || (this.#dispatcher?.itemsInFlight ?? 0) > 0;
  }

  #hung(): void {
    if (this.#child === null || !this.#isAnybodyWaiting) return;
    this.#wasHung = true;
    this.#child.kill("SIGKILL");
  }

  #gone({ code, signal }: Exit): void {
    const wasReady = this.#isReady;
    const words = this.#lastWords;
    this.#isReady = false;
    this.#child = null;
    this.#watchdog.stop();
    if (this.#isStopping) return;
    const loss: EngineLoss = this.#wasHung || words?.isStuck === true ? "hung" : "crashed";
    const message = words?.message ?? null;
    this.#options.events.engineLost({ code, signal, loss, wasReady, message });
    this.#failedStarts += wasReady ? 0 : 1;
    const isHopeless =
      words?.exitCode === 78 || this.#failedStarts >= this.#options.maxStartAttempts;
    if (!wasReady && isHopeless) {
      const how = `the engine does not come up (${signal ?? `exit code ${code}`})`;
      return this.#giveUp(new EngineStartError(message ?? how, words?.exitCode ?? 70));
    }
    this.#dispatcher?.engineLost(loss, words?.accused ?? null);
    this.#restart = setTimeout(() => this.#spawn(), restartDelayMs(this.#failedStarts));
  }

  #giveUp(error: unknown): void {
    this.#isReady = false;
    this.#failed.reject(error);
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Waits for its death and for its channel: what it sent before may still be on its way when its death is known. */
function onceEnded(child: ChildProcess, ended: (exit: Exit) => void): void {
  let exit: Exit | null = null;
  let isConnected = true;
  const check = (): void => {
    if (exit !== null && !isConnected) ended(exit);
  };
  child.once("exit", (code, signal) => {
    exit = { code, signal };
    check();
  });
  child.once("disconnect", () => {
    isConnected = false;
    check();
  });
  child.once("error", () => {
    if (child.pid === undefined) ended({ code: null, signal: null }); // it was never there
  });
}

/** At once after a crash in mid-run, then growing to 5 s while it does not come up. */
function restartDelayMs(failedStarts: number): number {
  return failedStarts === 0 ? 0 : Math.min(5000, 200 * 2 ** failedStarts);
}
