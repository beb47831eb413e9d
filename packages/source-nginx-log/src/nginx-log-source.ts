import type { ObjectPath, ObjectRef, SourceName } from "@sluice/contracts";
import type { Clock, Intake, Journal, LogCheckpoints, Looked, ObjectLooker } from "@sluice/sources";
import { takeLines, type LineTakerOptions } from "./line-taker.ts";
import { PendingNames, type PendingNamesOptions } from "./pending-names.ts";
import { LogSet, type LogSetOptions } from "./tail/log-set.ts";

export interface NginxLogSourceOptions
  extends PendingNamesOptions, Omit<LogSetOptions, "checkpoints">, Omit<LineTakerOptions, "named"> {
  readonly source: SourceName;
  /** Milliseconds between two looks for new lines and rotations. */
  readonly pollEveryMs: number;
  readonly looker: ObjectLooker;
  readonly intake: Intake;
  readonly journal: Pick<Journal, "unknown">;
  readonly checkpoints: LogCheckpoints;
  readonly clock: Clock;
  /** Told once when the source cannot go on: a bug, or a journal that cannot be read or written. */
  readonly onFailed: (error: unknown) => void;
}

export interface NginxLogStatus {
  readonly logs: number;
  /** Logs that cannot be read at present. */
  readonly unavailable: readonly string[];
  /** Whether objects could be looked at when that was last tried. */
  readonly isRootAvailable: boolean;
  /** Named objects that are not dealt with. */
  readonly pending: number;
}

/** Objects looked at together. */
const LOOK_BATCH = 256;
/** Between two writes of checkpoints while much is read. */
const COMMIT_EVERY_MS = 1000;
/** When something is looked at again that could not be looked at, or not be remembered. */
const RETRY_MS = 1000;

/**
 * Finds uploads in access logs. One loop: lines are read, what they name is looked at, what lies there goes to the intake, and when the
 * journal has it the line is done. Checkpoints never pass a line that is not done, so that a restart reads it again; what the journal
 * knows by then is passed over there.
 *
 *     stopped ──start──▶ running ──stop──▶ stopped
 */
export class NginxLogSource implements AsyncDisposable {
  readonly #options: NginxLogSourceOptions;
  readonly #pending: PendingNames;
  #logs: LogSet | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #wake: (() => void) | null = null;
  #isRootAvailable = true;
  #nextPollMs = 0;
  #nextCommitMs = 0;
  /** What was last written, without times. */
  #committed = "";

  constructor(options: NginxLogSourceOptions) {
    this.#options = options;
    this.#pending = new PendingNames(options);
  }

  get status(): NginxLogStatus {
    return {
      logs: this.#logs?.count ?? 0,
      unavailable: this.#logs?.unavailable ?? [],
      isRootAvailable: this.#isRootAvailable,
      pending: this.#pending.size,
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
    const hasLooked = await this.#look();
    if (!hasRead || clock.nowMs() >= this.#nextCommitMs) this.#commit(logs);
    return hasRead || hasLooked;
  }

  async #read(logs: LogSet): Promise<boolean> {
    if (!this.#pending.hasRoom) return false;
    const tailed = await logs.read(this.#options.clock.nowMs());
    if (tailed === null) return false;
    const nowMs = this.#options.clock.nowMs();
    takeLines(tailed, {
      ...this.#options,
      named: (path, line) => this.#pending.add(path, { ...line, nowMs }),
    });
    return true;
  }

  /** Looks at what was named and at what was young. */
  async #look(): Promise<boolean> {
    const { intake, looker, clock } = this.#options;
    const named = this.#pending.take(clock.nowMs(), LOOK_BATCH);
    const paths = [...new Set([...named, ...intake.takeDue(LOOK_BATCH)])];
    if (paths.length === 0) return false;
    const looked = await looker.look(paths);
    const found = new Map<ObjectPath, Extract<Looked, { kind: "object" }>["sighting"]>();
    this.#isRootAvailable = !looked.some(({ kind }) => kind === "unavailable");
    for (const [index, path] of paths.entries()) {
      const result = looked[index];
      if (result === undefined) continue;
      if (result.kind === "object") {
        this.#pending.rename(path, result.sighting.object.path);
        found.set(result.sighting.object.path, result.sighting);
      } else {
        this.#notFound(path, result);
      }
    }
    const isComplete = intake.offer([...found.values()]);
    this.#settle(
      [...found.values()].map(({ object }) => object),
      isComplete,
    );
    return true;
  }

  #notFound(path: ObjectPath, looked: Exclude<Looked, { kind: "object" }>): void {
    const { intake, clock, events, wantListing } = this.#options;
    switch (looked.kind) {
      case "missing": {
        intake.missing([path]);
        const result = this.#pending.missing(path, clock.nowMs());
        if (result !== null) events.nameFollowed({ result });
        return;
      }
      case "unreadable": {
        const result = this.#pending.missing(path, clock.nowMs());
        if (result !== null) events.nameFollowed({ result: "unreadable" });
        return;
      }
      case "unavailable":
        return this.#pending.lookAgain(path, clock.nowMs() + RETRY_MS);
      case "directory":
      case "refused":
        intake.missing([path]);
        if (looked.kind === "directory") wantListing();
        if (!this.#pending.done(path)) return;
        events.nameFollowed({ result: looked.kind === "refused" ? looked.reason : "directory" });
        return;
      default:
        looked satisfies never;
    }
  }

  /** What the journal has is done; the rest is young, and looked at again when the intake says so. */
  #settle(objects: readonly ObjectRef[], isComplete: boolean): void {
    const { journal, source, clock, events } = this.#options;
    const unknown = new Set(journal.unknown(source, objects));
    for (const object of objects) {
      if (!unknown.has(object)) {
        if (this.#pending.done(object.path)) events.nameFollowed({ result: "object" });
      } else if (!isComplete) {
        this.#pending.lookAgain(object.path, clock.nowMs() + RETRY_MS);
      }
    }
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
    const { clock, intake } = this.#options;
    const dueMs = Math.min(
      this.#nextPollMs,
      this.#pending.nextDueMs ?? Number.POSITIVE_INFINITY,
      intake.nextDueMs ?? Number.POSITIVE_INFINITY,
    );
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
