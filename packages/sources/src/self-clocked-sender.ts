import { isRetryable, type ChunkSender } from "./chunk-sender.ts";
import { Pacer, type Pace } from "./pacer.ts";
import { PlanLine, type PlanLineOptions, type PlannedChunk } from "./plan-line.ts";
import { toChunkJob } from "./source-binding.ts";
import type { SourceEvents } from "./source-events.ts";

export interface SelfClockedSenderOptions extends PlanLineOptions {
  readonly chunkSender: ChunkSender;
  /** Left out: as fast as the queue takes them, at any hour. */
  readonly pace?: Pace;
  /** Most chunks of the lane that may wait for a worker; above it nothing is sent and the journal remembers. */
  readonly maxWaitingChunks: number;
  readonly events: Pick<
    SourceEvents,
    "planDissolved" | "chunkSent" | "queueUnavailable" | "queueRecovered" | "queueFull"
  >;
  /** Told once when the sender cannot go on: a bug, or a journal that cannot be read or written. */
  readonly onFailed: (error: unknown) => void;
}

export type SenderState =
  | "stopped"
  | "idle"
  | "sending"
  | "backing-off"
  | "held-back"
  | "paced"
  | "stopping";

/** Pauses after the queue did not answer, in milliseconds; the last one repeats. */
const RETRY_DELAYS_MS = [100, 200, 400, 800, 1000];
/** How often a full queue is asked whether it has room, in milliseconds. */
const FULL_POLL_MS = 250;
/** Chunks sent before the queue is asked again how many wait, so that asking costs little and the answer stays fresh. */
const MAX_ALLOWANCE = 64;

/**
 * Hands the objects of one source over, clocked by the queue's own acknowledgements: a chunk goes at once
 * when no add is in flight; while one is, objects collect in the journal, and the next chunk takes all of them, up to
 * the limit. So an idle system adds no delay and a busy one makes full chunks, with no timer to tune.
 *
 *     stopped ──start──▶ idle ◀──────────── nothing in line ───────────┐
 *                         │ wake, or overdue plans are to be looked for │
 *                         ▼                                             │
 *                      sending ──acknowledged──▶ (next chunk) ──────────┘
 *                       │   ▲ │  ▲
 *           queue away  ▼   │ ▼  │ room again
 *              backing-off ─┘ held-back, paced
 *
 * - stopped: nothing runs, nothing is in hand.
 * - idle: nothing in hand, no add in flight; `wake` starts at once.
 * - sending: one chunk in hand, at most one add in flight. Two never are.
 * - backing-off: the queue did not answer; the same chunk stays in hand and goes again after a pause.
 * - held-back: `maxWaitingChunks` chunks wait already; the chunk stays in hand and the queue is asked now and then.
 * - paced: the source has had its share, or it is one of its quiet hours; the chunk stays in hand.
 * - stopping: `stop` was called; an add in flight is awaited, nothing new begins. A chunk that was in hand stays assigned in the
 *   journal and goes first, under the same id, when a sender starts again, here or after a crash.
 */
export class SelfClockedSender implements AsyncDisposable {
  readonly #options: SelfClockedSenderOptions;
  readonly #line: PlanLine;
  readonly #pacer: Pacer | null;
  #state: SenderState = "stopped";
  /** The loop's promise while it runs. */
  #running: Promise<void> | null = null;
  /** Set exactly while the loop pauses. */
  #endPause: (() => void) | null = null;
  /** The chunk to be sent; kept until the queue has acknowledged it. */
  #inHand: PlannedChunk | null = null;
  /** Failed tries since the queue last answered. */
  #failures = 0;
  /** Chunks that may be added before asking how many wait. */
  #allowance = 0;
  /** Whether the queue was full when it was last asked; so that this is told once. */
  #wasFull = false;

  constructor(options: SelfClockedSenderOptions) {
    this.#options = options;
    this.#line = new PlanLine(options);
    this.#pacer = options.pace === undefined ? null : new Pacer(options.pace, options.clock);
  }

  get state(): SenderState {
    return this.#state;
  }

  /** Starts to send what the journal has in line, beginning with what an earlier run left open. Does nothing when started. */
  start(): void {
    if (this.#running !== null) return;
    this.#state = "idle";
    this.#line.resume();
    this.#running = this.#run();
  }

  /** The journal has new objects in line. */
  wake(): void {
    if (this.#state === "idle") this.#endPause?.();
  }

  /** Returns when no add is in flight and none will follow. May be called twice, or without a start. */
  async stop(): Promise<void> {
    if (this.#running === null) return;
    this.#state = "stopping";
    this.#endPause?.();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(): Promise<void> {
    try {
      while (this.#state !== "stopping") await this.#step();
    } catch (error) {
      this.#options.onFailed(error);
    } finally {
      this.#inHand = null;
      this.#state = "stopped";
      this.#running = null;
    }
  }

  async #step(): Promise<void> {
    this.#inHand ??= this.#line.next();
    if (this.#inHand === null) {
      await this.#pause("idle", this.#line.checkInMs);
      return;
    }
    const delayMs = this.#pacer?.delayMs ?? 0;
    if (delayMs > 0) {
      await this.#pause("paced", delayMs);
      return;
    }
    this.#enter("sending");
    try {
      if (await this.#hasRoom()) await this.#send(this.#inHand);
      else await this.#pause("held-back", FULL_POLL_MS);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await this.#backOff(error);
    }
  }

  async #hasRoom(): Promise<boolean> {
    if (this.#allowance > 0) return true;
    const { chunkSender, binding, maxWaitingChunks, events } = this.#options;
    const waitingChunks = await chunkSender.waitingChunks(binding);
    this.#noteAnswer();
    this.#allowance = Math.min(MAX_ALLOWANCE, Math.max(0, maxWaitingChunks - waitingChunks));
    const isFull = this.#allowance === 0;
    if (isFull && !this.#wasFull) events.queueFull({ waitingChunks });
    this.#wasFull = isFull;
    return !isFull;
  }

  async #send({ plan, isRepeat }: PlannedChunk): Promise<void> {
    const { chunkSender, binding, journal, clock, events } = this.#options;
    this.#allowance -= 1; // also when it fails: the add may have happened
    this.#inHand = { plan, isRepeat: true };
    await chunkSender.send(toChunkJob(binding, { plan, nowMs: clock.nowMs() }));
    this.#noteAnswer();
    journal.markQueued(binding.source, { chunkId: plan.chunkId, atMs: clock.nowMs() });
    this.#inHand = null;
    this.#pacer?.sent(plan.objects.length);
    events.chunkSent({ chunkId: plan.chunkId, objects: plan.objects.length, isRepeat });
  }

  #noteAnswer(): void {
    if (this.#failures > 0) this.#options.events.queueRecovered();
    this.#failures = 0;
  }

  async #backOff(error: Error): Promise<void> {
    const retryInMs = RETRY_DELAYS_MS[this.#failures] ?? RETRY_DELAYS_MS.at(-1) ?? 0;
    this.#failures += 1;
    this.#options.events.queueUnavailable({ error, attempt: this.#failures, retryInMs });
    await this.#pause("backing-off", retryInMs);
  }

  /** Waits for the time, for `stop`, or in the idle state for `wake`. */
  async #pause(
    state: "idle" | "backing-off" | "held-back" | "paced",
    delayMs: number,
  ): Promise<void> {
    if (!this.#enter(state)) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.schedule(delayMs, () => this.#endPause?.());
      this.#endPause = () => {
        this.#endPause = null;
        cancel();
        resolve();
      };
    });
  }

  /** Changes the state unless a stop was asked for, which nothing may undo. Returns whether it did. */
  #enter(state: SenderState): boolean {
    if (this.#state === "stopping") return false;
    this.#state = state;
    return true;
  }
}
