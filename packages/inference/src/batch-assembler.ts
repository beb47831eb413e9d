import type { Lane } from "@sluice/contracts";
import { LaneQueue } from "./lane-queue.ts";

/** A row of a batch: one frame of one image. */
export interface Row<T> {
  readonly image: T;
  /** From 0. */
  readonly frame: number;
}

interface Waiting<T> {
  readonly image: T;
  readonly frames: number;
  /** First frame that has no row yet. */
  next: number;
}

/**
 * The policy by which decoded images become batches: one row per frame, at most `maxRows` rows, live before bulk,
 * first come first served within a lane. An animation may be spread over several batches, and live frames may go
 * between its own.
 *
 * Invariants: every frame that was added gets exactly one row of one batch, in order within its lane; rows
 * are numbered by their place in `rows`. Pure: it decides, and others copy pixels and run devices.
 */
export class BatchAssembler<T> {
  readonly maxRows: number;
  readonly #waiting = new LaneQueue<Waiting<T>>();
  #rows: Row<T>[] = [];

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

  /** Whether frames wait that found no row; only while the batch is full. */
  get hasOverflow(): boolean {
    return this.#waiting.size > 0;
  }

  /** @throws RangeError when there is no frame: such an image would never have an outcome */
  add(lane: Lane, image: T, frames: number): void {
    if (frames < 1) throw new RangeError(`expected at least one frame, received ${frames}`);
    this.#waiting.push(lane, { image, frames, next: 0 });
  }

  /**
   * Gives waiting frames the free rows.
   *
   * @returns the rows that are new, the first one at `filledRows` before the call
   */
  place(): readonly Row<T>[] {
    const before = this.#rows.length;
    for (let head = this.#waiting.peek(); head !== undefined; head = this.#waiting.peek()) {
      if (this.isFull) break;
      this.#rows.push({ image: head.image, frame: head.next });
      head.next += 1;
      if (head.next === head.frames) this.#waiting.take();
    }
    return this.#rows.slice(before);
  }

  /** Takes the batch away and begins the next one. */
  take(): readonly Row<T>[] {
    const rows = this.#rows;
    this.#rows = [];
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
