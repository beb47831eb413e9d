import type { Classification, Lane, ObjectRef, RootName } from "@sluice/contracts";
import { Isolation } from "./isolation.ts";
import { LaneQueue } from "./lane-queue.ts";
import type { EngineItem, EngineOutcome } from "./ports.ts";

/** Why an engine is gone: it died, or the watchdog ended it because nothing came out of it any more. */
export type EngineLoss = "crashed" | "hung";

export interface DispatcherOptions {
  /** Most items that the engine holds at a time: what runs, what is prepared, what is being decoded. */
  readonly maxItemsInFlight: number;
  /** Most bytes of files that the engine holds at a time; one larger file still goes, alone. */
  readonly maxBytesInFlight: number;
  /** Hands an item to the engine; called only while an engine is ready. */
  readonly send: (item: EngineItem) => void;
  readonly events: DispatcherEvents;
}

export interface DispatcherEvents {
  /** The engine went away with items in flight. */
  suspectsFound(event: { items: number; loss: EngineLoss }): void;
  /** One item alone brought the engine down, twice. */
  culpritNamed(event: { root: RootName; path: string; loss: EngineLoss }): void;
}

interface Work extends EngineItem {
  readonly finish: (classification: Classification) => void;
}

/**
 * Keeps the objects of all chunks in the queue client's process and feeds them to the engine one by one, live before
 * bulk, within a window. Never computes: what happens here is bookkeeping, so job locks always renew.
 *
 * States: with no engine ready, items wait. With one, items go until the window is full. While `Isolation` hunts, only
 * its current group goes. Invariant: every submitted object gets exactly one classification, whatever the engine does.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #waiting = new LaneQueue<Work>();
  /** Items that the engine holds, in the order in which they were sent. */
  readonly #inFlight = new Map<number, Work>();
  readonly #isolation = new Isolation<Work>();
  #bytesInFlight = 0;
  #isEngineReady = false;
  #nextId = 1;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get waitingItems(): number {
    return this.#waiting.size;
  }

  get itemsInFlight(): number {
    return this.#inFlight.size;
  }

  /** @param isSuspect run these alone, one at a time, beside nothing else */
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
          const work: Work = { id: this.#nextId++, root, object, lane, finish };
          if (request.isSuspect) this.#isolation.addSuspect(work);
          else this.#waiting.push(lane, work);
        }),
    );
    this.#fill();
    return await Promise.all(pending);
  }

  engineReady(): void {
    this.#isEngineReady = true;
    this.#fill();
  }

  received({ id, classification }: EngineOutcome): void {
    const work = this.#inFlight.get(id);
    if (work === undefined) return; // an outcome of an engine that is gone; its items run again
    this.#settle(work, classification);
    this.#fill();
  }

  /** @param accused id of the item in whose work it happened, where the dying engine could tell */
  engineLost(loss: EngineLoss, accused: number | null = null): void {
    this.#isEngineReady = false;
    const lost = [...this.#inFlight.values()];
    const suspect = lost.find(({ id }) => id === accused) ?? null;
    this.#inFlight.clear();
    this.#bytesInFlight = 0;
    if (lost.length === 0) return;
    this.#options.events.suspectsFound({ items: lost.length, loss });
    const culprit = this.#isolation.engineDied(lost, suspect);
    if (culprit === null) return;
    const { root, object } = culprit;
    this.#options.events.culpritNamed({ root, path: object.path, loss });
    this.#settle(culprit, {
      kind: "unscannable",
      reason: loss === "hung" ? "timeout" : "crashed-engine",
      detail: `the engine ${loss === "hung" ? "hung" : "died"} twice with this image alone in it`,
    });
  }

  #settle(work: Work, classification: Classification): void {
    if (this.#inFlight.delete(work.id)) this.#bytesInFlight -= work.object.sizeBytes;
    this.#isolation.finished(work);
    work.finish(classification);
  }

  #fill(): void {
    if (!this.#isEngineReady) return;
    const group = this.#isolation.current;
    if (group !== null) return this.#fillGroup(group);
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      if (!this.#hasRoomFor(next)) return;
      this.#waiting.take();
      this.#send(next);
    }
  }

  /** Nothing else may run beside a suspect group: it starts when everything else is out, and goes as a whole. */
  #fillGroup(group: readonly Work[]): void {
    if (this.#inFlight.size > 0) return;
    for (const work of group) this.#send(work);
  }

  #hasRoomFor({ object }: Work): boolean {
    const { maxItemsInFlight, maxBytesInFlight } = this.#options;
    if (this.#inFlight.size === 0) return true;
    const bytes = this.#bytesInFlight + object.sizeBytes;
    return this.#inFlight.size < maxItemsInFlight && bytes <= maxBytesInFlight;
  }

  #send(work: Work): void {
    this.#inFlight.set(work.id, work);
    this.#bytesInFlight += work.object.sizeBytes;
    const { id, lane, root, object } = work;
    this.#options.send({ id, lane, root, object });
  }
}
