import type { SourceName } from "@sluice/contracts";
import type { Clock, LogCheckpoints } from "@sluice/sources";
import type { NameFollower } from "./follow/name-follower.ts";
import { takeLines, type LineTakerOptions } from "./line-taker.ts";
import { LogSet, type LogSetOptions } from "./tail/log-set.ts";

export interface NginxLogSourceOptions<Name>
  extends Omit<LogSetOptions, "checkpoints">, Omit<LineTakerOptions<Name>, "named"> {
  readonly source: SourceName;
  /** Milliseconds between two looks for new lines and rotations. */
  readonly pollEveryMs: number;
  /** Does what is to be done with the names. */
  readonly follower: NameFollower<Name>;
  readonly checkpoints: LogCheckpoints;
  readonly clock: Clock;
  /** Told once when the source cannot go on: a bug, or a journal that cannot be read or written. */
  readonly onFailed: (error: unknown) => void;
}

export interface NginxLogStatus {
  readonly logs: number;
  /** Logs that cannot be read at present. */
  readonly unavailable: readonly string[];
  /** Whether what lines name could be reached when that was last tried. */
  readonly isRootAvailable: boolean;
  /** Names that are not dealt with. */
  readonly pending: number;
}

/** Between two writes of checkpoints while much is read. */
const COMMIT_EVERY_MS = 1000;

/**
 * Finds uploads in access logs. One loop: lines are read, the follower deals with what they name, and when the journal has it the line is
 * done. Checkpoints never pass a line that is not done, so that a restart reads it again; what the journal
 * knows by then is passed over there.
 *
 *     stopped ──start──▶ running ──stop──▶ stopped
 */
export class NginxLogSource<Name> implements AsyncDisposable {
  readonly #options: NginxLogSourceOptions<Name>;
  #logs: LogSet | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #wake: (() => void) | null = null;
  #nextPollMs = 0;
  #nextCommitMs = 0;
  /** What was last written, without times. */
  #committed = "";

  constructor(options: NginxLogSourceOptions<Name>) {
    this.#options = options;
  }

  get status(): NginxLogStatus {
    return {
      logs: this.#logs?.count ?? 0,
      unavailable: this.#logs?.unavailable ?? [],
      isRootAvailable: this.#options.follower.isAvailable,
      pending: this.#options.follower.size,
    };
  }

  /** Returns when the logs were looked at for the first time; what cannot be read yet is waited for. */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const { source, checkpoints, clock } = this.#options;
    const logs = new LogSet({ ...this.#options, checkpoints: checkpoints.read(source) });
    this.#logs = logs;
    this.#isStopping = false;
    await logs.poll(clock.nowMs());
    this.#running = this.#run(logs);
  }

  /** Returns when nothing is read any more and the last checkpoint is written. May be called twice, or without a start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    await this.#running;
    this.#running = null;
    await this.#options.follower[Symbol.asyncDispose]();
    await this.#logs?.[Symbol.asyncDispose]();
    this.#logs = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(logs: LogSet): Promise<void> {
    try {
      while (!this.#isStopping) {
        const isBusy = await this.#work(logs);
        if (!isBusy) await this.#sleep();
      }
      this.#commit(logs);
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  /** One round. Returns whether there is more to do at once. */
  async #work(logs: LogSet): Promise<boolean> {
    const { clock, pollEveryMs } = this.#options;
    if (clock.nowMs() >= this.#nextPollMs) {
      await logs.poll(clock.nowMs());
      this.#nextPollMs = clock.nowMs() + pollEveryMs;
    }
    const hasRead = await this.#read(logs);
    const hasLooked = await this.#options.follower.work();
    if (!hasRead || clock.nowMs() >= this.#nextCommitMs) this.#commit(logs);
    return hasRead || hasLooked;
  }

  async #read(logs: LogSet): Promise<boolean> {
    const { follower } = this.#options;
    if (!follower.hasRoom) return false;
    const tailed = await logs.read(this.#options.clock.nowMs());
    if (tailed === null) return false;
    takeLines(tailed, {
      ...this.#options,
      named: (name, line) => follower.add(name, line),
    });
    return true;
  }

  #commit(logs: LogSet): void {
    const { source, checkpoints, clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#nextCommitMs = nowMs + COMMIT_EVERY_MS;
    const current = logs.checkpoints(nowMs);
    const text = JSON.stringify(current, withoutTime);
    if (text === this.#committed) return;
    checkpoints.write(source, current);
    this.#committed = text;
  }

  /** Until there can be something to do. */
  async #sleep(): Promise<void> {
    const { clock, follower } = this.#options;
    const dueMs = Math.min(this.#nextPollMs, follower.nextDueMs ?? Number.POSITIVE_INFINITY);
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.schedule(Math.max(1, dueMs - clock.nowMs()), resolve);
    this.#wake = resolve;
    if (this.#isStopping) resolve();
    await promise;
    this.#wake = null;
    cancel();
  }
}

function withoutTime(key: string, value: unknown): unknown {
  return key === "updatedAtMs" ? undefined : value;
}
