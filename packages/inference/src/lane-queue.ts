import type { Lane } from "@sluice/contracts";

/** First in, first out within a lane; live always before bulk. */
export class LaneQueue<T> {
  readonly #lanes: Readonly<Record<Lane, T[]>> = { live: [], bulk: [] };

  get size(): number {
    return this.#lanes.live.length + this.#lanes.bulk.length;
  }

  push(lane: Lane, item: T): void {
    this.#lanes[lane].push(item);
  }

  /** Removes and gives the next item. */
  take(): T | undefined {
    return this.#lanes.live.shift() ?? this.#lanes.bulk.shift();
  }
}
