import { fork, type ChildProcess } from "node:child_process";
import type { EnsembleInfo } from "@sluice/contracts";
import type { Dispatcher, EngineItem, EngineLoss } from "@sluice/inference";
import type { WorkerEvents } from "./events.ts";
import { fromEngineSchema, type FromEngine } from "./engine/messages.ts";

export interface EngineProcessOptions {
  /** Module that speaks the engine's messages. */
  readonly module: string;
  /** Threads of libuv's pool in the engine: decoding uses them. */
  readonly poolThreads: number;
  /** With items in flight and no outcome for this long the engine counts as hung. */
  readonly watchdogMs: number;
  /** Tries to get an engine ready before the worker gives up; a ready one resets the count. */
  readonly maxStartAttempts: number;
  readonly events: WorkerEvents;
}

/** Thrown when no engine comes up. The exit code is the engine's own where it had a reason. */
export class EngineStartError extends Error {
  override readonly name = "EngineStartError";
  readonly code = "ENGINE_START_FAILED";
  readonly retryable = false;
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Keeps one engine running for a dispatcher.
 *
 * States: starting (forked, not ready; items wait) → running → gone, and starting again after a growing delay, until
 * `stop`. An engine that ends with exit code 78 before it is ready has found a mistake in the configuration: `failed` resolves
 * and the worker ends. The watchdog ends an engine from which nothing comes while it holds items.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  #dispatcher: Dispatcher | null = null;
  #child: ChildProcess | null = null;
  #watchdog: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  #wasHung = false;
  #isReady = false;
  #isStopping = false;
  #failedStarts = 0;
  readonly #firstReady = Promise.withResolvers<EnsembleInfo>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => undefined); // whoever waits for it is told; nobody has to
    this.#firstReady.promise.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Rejects when no engine can be started any more. */
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
    this.#child?.send({ type: "item", item });
    this.#armWatchdog();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL"); // it holds nothing that matters: every item is in the queue
    await gone;
  }

  #spawn(): void {
    const { module, poolThreads } = this.#options;
    const child = fork(module, [], {
      serialization: "advanced",
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
    child.on("message", (message) => this.#receive(fromEngineSchema.parse(message)));
    child.on("error", (error) => this.#options.events.engineErrored(error));
    child.on("exit", (code, signal) => this.#gone(code, signal));
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case "ready": {
        const { provider, warmUpMs, ensemble } = message;
        this.#isReady = true;
        this.#failedStarts = 0;
        this.#options.events.engineReady({ pid: this.pid ?? -1, provider, warmUpMs, ensemble });
        this.#firstReady.resolve(ensemble);
        this.#dispatcher?.engineReady();
        return;
      }
      case "outcome":
        this.#options.events.imageClassified(message.outcome.classification);
        this.#dispatcher?.received(message.outcome);
        this.#armWatchdog();
        return;
      case "batch":
        this.#options.events.batchReleased(message);
        return;
      default:
        message satisfies never;
    }
  }

  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.#child = null;
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    if (this.#isStopping) return;
    const loss: EngineLoss = this.#wasHung ? "hung" : "crashed";
    this.#options.events.engineLost({ code, signal, loss, wasReady });
    this.#failedStarts += wasReady ? 0 : 1;
    if (!wasReady && (code === 78 || this.#failedStarts >= this.#options.maxStartAttempts)) {
      const message = `the engine could not be started (exit code ${code ?? signal}); its own message stands above`;
      this.#failed.reject(new EngineStartError(message, code ?? 70));
      return;
    }
    this.#dispatcher?.engineLost(loss);
    this.#restart = setTimeout(() => this.#spawn(), restartDelayMs(this.#failedStarts));
  }

  #armWatchdog(): void {
    if (this.#watchdog !== null) clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      if ((this.#dispatcher?.itemsInFlight ?? 0) === 0 || this.#child === null) return;
      this.#wasHung = true;
      this.#child.kill("SIGKILL");
    }, this.#options.watchdogMs);
    this.#watchdog.unref();
  }
}

/** At once after a crash in mid-run, then growing to 5 s while it does not come up. */
function restartDelayMs(failedStarts: number): number {
  return failedStarts === 0 ? 0 : Math.min(5000, 200 * 2 ** failedStarts);
}
