import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { EnsembleInfo } from "@sluice/contracts";
import type { EngineItem, EngineLoss, EngineSlot } from "@sluice/inference";
import type { AgreedEnsemble } from "./agreed-ensemble.ts";
import { fromEngineSchema, type EngineFailure, type FromEngine } from "./engine/messages.ts";
import type { EngineEvents } from "./engine-events.ts";
import { EngineStartError } from "./errors.ts";
import { onceEnded, spawnEngine, type EngineProgram, type Exit } from "./spawn-engine.ts";
import { Watchdog } from "./watchdog.ts";

export interface EngineProcessOptions extends EngineProgram {
  /** Its number among the engines of this worker, from 0. */
  readonly engine: number;
  /** With items in flight and nothing heard for this long the engine counts as hung. */
  readonly watchdogMs: number;
  /** Loading, deriving graphs and warming up may take this long. */
  readonly startTimeoutMs: number;
  /** Engines in a row that end before they are ready, until the worker gives up. */
  readonly maxStartAttempts: number;
  readonly agreed: AgreedEnsemble;
  readonly events: EngineEvents;
}

/** A batch may take this many times as long as the largest one at warm-up: a slow model is not a hung one. */
const SLOWEST_BATCH_FACTOR = 4;

/**
 * Keeps one engine running for its slot of the dispatcher.
 *
 * States:
 * - starting: forked, not ready; the slot gets no items.
 * - running: ready; items go, the watchdog runs while any is in flight.
 * - gone: no child. A fresh one is started, at once after a crash in mid-run, later and later while it does not come up.
 * - given up: `failed` is rejected. No engine is started any more.
 * - stopped: by `stop`, from any state.
 * Transitions: starting → running: "ready" came. starting, running → gone: the child ended and all that it had sent was
 * received. gone → starting. starting → given up: the very first child said that the configuration must be corrected, or too many in
 * a row never became ready; or it is ready with another ensemble than the one agreed on.
 */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #watchdog: Watchdog;
  #slot: EngineSlot | null = null;
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
  #wasEverReady = false;
  #hasGivenUp = false;
  #failedStarts = 0;
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

  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** For people: which one it is. */
  get name(): string {
    return `${this.#options.engine} (${this.#options.device.name})`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Rejects when no engine can be started any more, with EngineStartError or EnsembleChangedError. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Starts it and waits until it is ready for the first time. @throws EngineStartError, EnsembleChangedError */
  async start(slot: EngineSlot): Promise<EnsembleInfo> {
    this.#slot = slot;
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
    const { startTimeoutMs, events } = this.#options;
    const child = spawnEngine(this.#options);
    this.#child = child;
    this.#wasHung = false;
    this.#lastWords = null;
    this.#watchdog.limitMs = startTimeoutMs;
    this.#watchdog.start();
    child.on("message", (message) => this.#receive(fromEngineSchema.parse(message)));
    child.on("error", (error) => events.engineErrored(this.#options.engine, error));
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
        this.#options.events.engineReported(this.#options.engine, message);
        for (const outcome of message.outcomes) this.#slot?.received(outcome);
        this.#watchdog.heard({ isAnybodyWaiting: this.#isAnybodyWaiting });
        return;
      case "limited":
        this.#options.events.rowsLimited({ engine: this.#options.engine, rows: message.rows });
        return;
      case "failed":
        this.#lastWords = message;
        return;
      default:
        message satisfies never;
    }
  }

  #ready(message: Extract<FromEngine, { type: "ready" }>): void {
    const { watchdogMs, events, agreed, engine, device } = this.#options;
    const { provider, warmUpMs, rowLimit, partlyOnCpu, arrangement, ensemble } = message;
    try {
      agreed.check(ensemble);
    } catch (error) {
      return this.#giveUp(error);
    }
    this.#isReady = true;
    this.#wasEverReady = true;
    this.#failedStarts = 0;
    const limitMs = Math.max(watchdogMs, SLOWEST_BATCH_FACTOR * warmUpMs);
    this.#watchdog.limitMs = limitMs;
    this.#watchdog.stop();
    const { name, hardware, memoryBytes } = device;
    events.engineReady({
      engine,
      pid: this.pid ?? -1,
      device: name,
      hardware,
      memoryBytes,
      watchdogMs: limitMs,
      provider,
      warmUpMs,
      rowLimit,
      partlyOnCpu,
      ensemble,
    });
    if (arrangement !== null) events.membersArranged({ engine, ...arrangement });
    this.#firstReady.resolve(ensemble);
    this.#slot?.ready();
  }

  get #isAnybodyWaiting(): boolean {
    return !this.#isReady || (this.#slot?.itemsInFlight ?? 0) > 0;
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
    const { events, engine, maxStartAttempts } = this.#options;
    const loss = lossOf(words, this.#wasHung);
    const told = { message: words?.message ?? null, errorCode: words?.code ?? null };
    events.engineLost({ engine, code, signal, loss, wasReady, ...told });
    this.#slot?.lost(loss, words?.accused ?? null);
    this.#failedStarts += wasReady ? 0 : 1;
    const mustBeCorrected = words?.exitCode === 78 && !this.#wasEverReady;
    if (!wasReady && (mustBeCorrected || this.#failedStarts >= maxStartAttempts)) {
      const how = `engine ${this.name} does not come up (${signal ?? `exit code ${code}`})`;
      return this.#giveUp(new EngineStartError(told.message ?? how, words?.exitCode ?? 70));
    }
    this.#restart = setTimeout(() => this.#spawn(), restartDelayMs(this.#failedStarts));
  }

  #giveUp(error: unknown): void {
    this.#isReady = false;
    this.#hasGivenUp = true;
    this.#failed.reject(error);
  }
}

function lossOf(words: EngineFailure | null, wasHung: boolean): EngineLoss {
  if (wasHung || words?.isStuck === true) return "hung";
  return words?.isDeviceLost === true ? "device-lost" : "crashed";
}

/** At once after a crash in mid-run, then growing to 5 s while it does not come up. */
function restartDelayMs(failedStarts: number): number {
  return failedStarts === 0 ? 0 : Math.min(5000, 200 * 2 ** failedStarts);
}
