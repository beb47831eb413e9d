import type { Lane } from "@sluice/contracts";
import { LaneQueue } from "./lane-queue.ts";

/** A row of a batch: one view of one frame of one image. */
export interface Row<T> {
  readonly image: T;
  /** Of the image, from 0; not of the batch. */
  readonly row: number;
}

interface Waiting<T> {
  readonly lane: Lane;
  readonly image: T;
  readonly rows: number;
  /** First of its rows that has no place yet. */
  next: number;
}

/**
 * The policy by which decoded images become batches: one row per view of each frame, at most `maxRows` rows, live before bulk,
 * first come first served within a lane. An animation may be spread over several batches, and live frames may go
 * between its own.
 *
 * Invariants: every row that was added gets exactly one place in one batch, in order within its lane; rows
 * are numbered by their place in `rows`. Pure: it decides, and others copy pixels and run devices.
 */
export class BatchAssembler<T> {
  readonly maxRows: number;
  readonly #waiting = new LaneQueue<Waiting<T>>();
  #rows: Row<T>[] = [];
  /** Of the batch that is being filled. */
  #liveRows = 0;

  constructor({ maxRows }: { maxRows: number }) {
    this.maxRows = maxRows;
  }

  /** Rows of the batch that is being filled. */
  get filledRows(): number {
    return this.#rows.length;
  }

  get isFull(): boolean {
    return this.#rows.length === this.maxRows;
  }

  /** Whether somebody waits for a row of the batch that is being filled. */
  get hasLive(): boolean {
    return this.#liveRows > 0;
  }

  /** Whether rows wait that found no place; only while the batch is full. */
  get hasOverflow(): boolean {
    return this.#waiting.size > 0;
  }

  /** @throws RangeError when there is no row: such an image would never have an outcome */
  add(lane: Lane, image: T, rows: number): void {
    if (rows < 1) throw new RangeError(`expected at least one row, received ${rows}`);
    this.#waiting.push(lane, { lane, image, rows, next: 0 });
  }

  /**
   * Gives waiting images the free rows.
   *
   * @returns the rows that are new, the first one at `filledRows` before the call
   */
  place(): readonly Row<T>[] {
    const before = this.#rows.length;
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      if (this.isFull) break;
      this.#rows.push({ image: head.image, row: head.next });
      head.next += 1;
      if (head.lane === "live") this.#liveRows += 1;
      if (head.next === head.rows) this.#waiting.take();
    }
    return this.#rows.slice(before);
  }

  /** Takes the batch away and begins the next one. */
  take(): readonly Row<T>[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#liveRows = 0;
    return rows;
  }
}

/**
 * Why a batch was released. `idle`: the device had nothing to do and took what there was. Otherwise it had just become
 * free: `full`: as many rows as a batch may have. `drain`: fewer, and no more images were there. `ready`: fewer, though images were
 * still being decoded: decoding is what limits.
 */
export type ReleaseReason = "idle" | "full" | "drain" | "ready";

export function releaseReason(state: {
  readonly isFull: boolean;
  readonly wasIdle: boolean;
  readonly hasMoreImages: boolean;
}): ReleaseReason {
  if (state.isFull) return "full";
  if (state.wasIdle) return "idle";
  return state.hasMoreImages ? "ready" : "drain";
}
