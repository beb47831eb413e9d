import type { Lane } from "@sluice/contracts";
import { LaneQueue } from "./lane-queue.ts";
import type { Clock, EngineItem, ObjectReader, ReadResult } from "./ports.ts";

/** Objects that are read ahead for each image that is decoded at a time, where no setting says otherwise. */
export const READS_PER_DECODER = 4;

/** An object that has been read, or why it could not be. */
export interface ReadItem {
  readonly item: EngineItem;
  readonly result: ReadResult;
  readonly readMs: number;
}

export interface ReadAheadOptions {
  readonly reader: ObjectReader;
  /** Objects of a lane that are read, or have been and wait to be decoded. */
  readonly readConcurrency: number;
  readonly now: Clock;
  /** There is something to take. */
  readonly onRead: () => void;
  /** The reader failed, which is a bug; `id` is of the item it was reading. */
  readonly onFailed: (error: unknown, id: number) => void;
}

/**
 * Reads objects before somebody can decode them, so that a way through a network, however long, costs no decoder its time.
 *
 * Invariants: every item that was submitted is taken once; live items are read and taken before bulk ones, and find room also
 * while bulk ones fill theirs; at most `readConcurrency` bulk items are read and not taken, and as many live ones.
 */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #queue = new LaneQueue<EngineItem>();
  readonly #ready = new LaneQueue<ReadItem>();
  /** Items that are being read or wait to be taken. */
  readonly #held: Record<Lane, number> = { live: 0, bulk: 0 };

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** Items that nobody has taken yet, read or not. */
  get size(): number {
    return this.#queue.size + this.#held.live + this.#held.bulk;
  }

  submit(item: EngineItem): void {
    this.#queue.push(item.lane, item);
    this.#readMore();
  }

  /** The next object that has been read. */
  take(): ReadItem | undefined {
    const read = this.#ready.take();
    if (read === undefined) return undefined;
    this.#held[read.item.lane] -= 1;
    this.#readMore();
    return read;
  }

  #readMore(): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (!this.#hasRoomFor(next)) return;
      this.#queue.take();
      this.#held[next.lane] += 1;
      const { id } = next;
      this.#read(next).catch((error: unknown) => this.#options.onFailed(error, id));
    }
  }

  #hasRoomFor({ lane }: EngineItem): boolean {
    const { live, bulk } = this.#held;
    const taken = lane === "live" ? live : live + bulk;
    return taken < this.#options.readConcurrency;
  }

  async #read(item: EngineItem): Promise<void> {
    const { reader, now, onRead } = this.#options;
    const startedAt = now();
    const result = await reader.read(item.root, item.object);
    this.#ready.push(item.lane, { item, result, readMs: now() - startedAt });
    onRead();
  }
}
