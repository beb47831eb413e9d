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

  /** Before all others of its lane. */
  pushFront(lane: Lane, item: T): void {
    this.#lanes[lane].unshift(item);
  }

  /** The next item, left where it is. */
  peek(): T | undefined {
    return this.#lanes.live[0] ?? this.#lanes.bulk[0];
  }

  /** Removes and gives the next item. */
  take(): T | undefined {
    return this.#lanes.live.shift() ?? this.#lanes.bulk.shift();
  }
}
