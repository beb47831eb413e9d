import type { Classification, Lane, ObjectRef, RootName } from "@sluice/contracts";
import { EngineSlot, type SlotEvents, type Work } from "./engine-slot.ts";
import type { Group } from "./isolation.ts";
import { LaneQueue } from "./lane-queue.ts";
import type { EngineItem } from "./ports.ts";

export type DispatcherEvents = SlotEvents;

export interface DispatcherOptions {
  /** Most items that one engine holds at a time: what runs, what is prepared, what is being decoded. */
  readonly maxItemsInFlight: number;
  /** Most bytes of files that one engine holds at a time; one larger file still goes, alone. */
  readonly maxBytesInFlight: number;
  readonly events: DispatcherEvents;
}

/**
 * Keeps the objects of all chunks in the queue client's process and feeds them to the engines one by one, live before bulk, each to
 * the engine that holds the fewest. Never computes: what happens here is bookkeeping, so job locks always renew.
 *
 * Items wait here, in one queue for all engines, until one of them has room. What an engine held when it died is hunted through by that
 * engine's own slot while the others go on; what it held when its device was lost goes back into the queue, in front.
 * Invariant: every submitted object gets exactly one classification, whatever the engines do, while one of them comes up.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #waiting = new LaneQueue<Work>();
  readonly #slots: EngineSlot[] = [];
  #nextId = 1;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get waitingItems(): number {
    return this.#waiting.size;
  }

  get itemsInFlight(): number {
    return this.#slots.reduce((sum, { itemsInFlight }) => sum + itemsInFlight, 0);
  }

  /** @param send hands an item to this engine; called only while its slot is ready */
  addEngine(send: (item: EngineItem) => void): EngineSlot {
    const slot: EngineSlot = new EngineSlot({
      ...this.#options,
      engine: this.#slots.length,
      send,
      onRoom: () => this.#fill(),
      onReturned: (items) => this.#takeBack(items),
      onRetired: (groups) => this.#reassign(groups),
    });
    this.#slots.push(slot);
    return slot;
  }

  /** @param isSuspect run these alone, one at a time, beside nothing else in their engine */
  async classify(request: {
    readonly root: RootName;
    readonly lane: Lane;
    readonly objects: readonly ObjectRef[];
    readonly isSuspect: boolean;
  }): Promise<Classification[]> {
    const pending = request.objects.map(
      async (object) =>
        await new Promise<Classification>((finish) => {
          const { root, lane } = request;
          const work: Work = { id: this.#nextId++, root, object, lane, returns: 0, finish };
          if (request.isSuspect) this.#hunter.addSuspect(work);
          else this.#waiting.push(lane, work);
        }),
    );
    this.#fill();
    return await Promise.all(pending);
  }

  #fill(): void {
    for (const slot of this.#slots) slot.sendGroup();
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const slot = this.#findRoomFor(next);
      if (slot === null) return;
      this.#waiting.take();
      slot.send(next);
    }
  }

  #findRoomFor(work: Work): EngineSlot | null {
    let best: EngineSlot | null = null;
    for (const slot of this.#slots) {
      if (!slot.hasRoomFor(work)) continue;
      if (best === null || slot.itemsInFlight < best.itemsInFlight) best = slot;
    }
    return best;
  }

  /** In their old order, before everything else of their lane. */
  #takeBack(items: readonly Work[]): void {
    for (const work of items.toReversed()) {
      this.#waiting.pushFront(work.lane, { ...work, returns: work.returns + 1 });
    }
    this.#fill();
  }

  #reassign(groups: readonly Group<Work>[]): void {
    if (groups.length > 0) this.#hunter.hunt(groups);
    this.#fill();
  }

  /** The slot that suspects go to: the one with the fewest, of those that may still come up. */
  get #hunter(): EngineSlot {
    const alive = this.#slots.filter(({ isRetired }) => !isRetired);
    const [first, ...others] = alive.length > 0 ? alive : this.#slots;
    if (first === undefined) throw new RangeError("expected an engine before the first object");
    return others.reduce((best, slot) => (slot.suspects < best.suspects ? slot : best), first);
  }
}
