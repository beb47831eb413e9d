import type { ObjectPath, ObjectRef, SourceName } from "@sluice/contracts";
import type { Clock, Intake, Journal, Looked, ObjectLooker, Sighting } from "@sluice/sources";
import type { NginxLogEvents } from "../nginx-log-events.ts";
import type { NameFollower, NamingLine } from "./name-follower.ts";
import { ForgetRound } from "./forget-round.ts";
import { PendingNames, type PendingNamesOptions } from "./pending-names.ts";

export interface ObjectFollowerOptions extends PendingNamesOptions {
  readonly source: SourceName;
  readonly looker: ObjectLooker;
  readonly intake: Intake;
  readonly journal: Pick<Journal, "unknown" | "decidedAfter" | "forget">;
  /** Milliseconds between two looks whether decided objects are still there. */
  readonly reconcileEveryMs: number;
  readonly clock: Clock;
  readonly events: Pick<NginxLogEvents, "nameFollowed">;
  /** A directory was named, whose files only a listing finds. */
  readonly wantListing: () => void;
}

/** Objects looked at together. */
const LOOK_BATCH = 256;
/** When something is looked at again that could not be looked at, or not be remembered. */
const RETRY_MS = 1000;

/** Looks at what lines have named in the root; what lies there goes to the intake, and is done when the journal has it. */
export class ObjectFollower implements NameFollower<ObjectPath> {
  readonly #options: ObjectFollowerOptions;
  readonly #pending: PendingNames;
  readonly #forgetting: ForgetRound;
  #isAvailable = true;

  constructor(options: ObjectFollowerOptions) {
    this.#options = options;
    this.#pending = new PendingNames(options);
    this.#forgetting = new ForgetRound(options);
  }

  get size(): number {
    return this.#pending.size;
  }

  get hasRoom(): boolean {
    return this.#pending.hasRoom;
  }

  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  get nextDueMs(): number | null {
    const dueMs = [this.#pending.nextDueMs, this.#options.intake.nextDueMs];
    return Math.min(this.#forgetting.dueAtMs, ...dueMs.filter((due) => due !== null));
  }

  add(path: ObjectPath, line: NamingLine): void {
    this.#pending.add(path, { ...line, nowMs: this.#options.clock.nowMs() });
  }

  async work(): Promise<boolean> {
    const { intake, looker, clock } = this.#options;
    const named = this.#pending.take(clock.nowMs(), LOOK_BATCH);
    const paths = [...new Set([...named, ...intake.takeDue(LOOK_BATCH)])];
    if (paths.length === 0) return await this.#forgetting.work();
    const looked = await looker.look(paths);
    this.#isAvailable = !looked.some(({ kind }) => kind === "unavailable");
    const found = new Map<ObjectPath, Sighting>();
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

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(); // looks are awaited where they are made
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
}
