import type { ObjectPath, ObjectRef, SourceName } from "@sluice/contracts";
import type { Clock } from "./clock.ts";
import type { Journal } from "./journal.ts";
import { Settling } from "./settling.ts";
import type { Sighting } from "./sighting.ts";
import type { SourceEvents } from "./source-events.ts";

export interface IntakeOptions {
  readonly source: SourceName;
  /** Milliseconds without a change before an object is handed over. Too low: half-written files are; too high: everything waits. */
  readonly settleMs: number;
  /** Most young objects held in memory, about 300 bytes each. */
  readonly maxSettling: number;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly events: Pick<SourceEvents, "objectsFound" | "settlingOverflowed">;
  /** Called when the journal has new rows in line. */
  readonly onSeen: () => void;
}

/**
 * Where every sighting of a source goes, whether a hint or a listing led to it: known versions are passed
 * over, young objects wait for another look, settled ones are noted in the journal.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #settling: Settling;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#settling = new Settling(options);
  }

  /** How many objects wait for another look. */
  get settlingCount(): number {
    return this.#settling.size;
  }

  get nextDueMs(): number | null {
    return this.#settling.nextDueMs;
  }

  /** Takes sightings in. Returns whether all were dealt with; false: list again later, some young ones were not remembered. */
  offer(sightings: readonly Sighting[]): boolean {
    const { source, journal } = this.#options;
    const objects = sightings.map(({ object }) => object);
    const unknown = new Set(journal.unknown(source, objects));
    const settled: ObjectRef[] = [];
    let refused = 0;
    for (const { object, changedAtMs } of sightings) {
      if (!unknown.has(object)) {
        this.#settling.drop(object.path);
        continue;
      }
      const verdict = this.#judge(object, changedAtMs);
      if (verdict === "settled") settled.push(object);
      if (verdict === "refused") refused += 1;
    }
    this.#note(settled);
    if (refused === 0) return true;
    this.#options.events.settlingOverflowed({ settling: this.#settling.size });
    return false;
  }

  /** Nothing lies at these paths any more. */
  missing(paths: readonly ObjectPath[]): void {
    for (const path of paths) this.#settling.drop(path);
  }

  /** Paths to look at again now; each must be offered or reported missing afterwards. */
  takeDue(limit: number): readonly ObjectPath[] {
    return this.#settling.takeDue(this.#options.clock.nowMs(), limit);
  }

  #judge(object: ObjectRef, changedAtMs: number): "settled" | "young" | "refused" {
    const lookedAtMs = this.#options.clock.nowMs();
    return this.#settling.judge(object.path, { version: object.version, changedAtMs, lookedAtMs });
  }

  #note(settled: readonly ObjectRef[]): void {
    const { source, journal, events, onSeen } = this.#options;
    if (settled.length === 0) return;
    const count = journal.see(source, settled);
    if (count === 0) return;
    events.objectsFound({ count });
    onSeen();
  }
}
