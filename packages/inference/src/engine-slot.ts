import type { Classification, RootName } from "@sluice/contracts";
import { Isolation, type Group } from "./isolation.ts";
import type { EngineItem, EngineOutcome } from "./ports.ts";

/**
 * Why an engine is gone: it died, the watchdog ended it because nothing came out of it any more, or it ended itself because its
 * device answers no longer.
 */
export type EngineLoss = "crashed" | "hung" | "device-lost";

export interface SlotEvents {
  /** An engine went away with items in flight; these may be why. */
  suspectsFound(event: { engine: number; items: number; loss: EngineLoss }): void;
  /** One item alone brought an engine down, twice. */
  culpritNamed(event: { engine: number; root: RootName; path: string; loss: EngineLoss }): void;
}

/** One object that is being classified. */
export interface Work extends EngineItem {
  /** How many devices were lost with it. */
  readonly returns: number;
  readonly finish: (classification: Classification) => void;
}

export interface SlotOptions {
  /** Its number, for events. */
  readonly engine: number;
  /** Hands an item to the engine; called only while it is ready. */
  readonly send: (item: EngineItem) => void;
  readonly maxItemsInFlight: number;
  readonly maxBytesInFlight: number;
  readonly events: SlotEvents;
  /** There may be room now. */
  readonly onRoom: () => void;
  /** Items that any engine may take. */
  readonly onReturned: (items: readonly Work[]) => void;
  /** Groups that another engine must hunt in, as this one never comes back. */
  readonly onRetired: (groups: readonly Group<Work>[]) => void;
}

/** With how many devices an item may be lost before it counts as a suspect: a lost device is seldom the picture's fault. */
const MAX_RETURNS = 2;

/**
 * What the queue client knows of one engine: which items it holds, and which of them are suspected of bringing it down.
 *
 * States: not ready (starting, or gone and being started again): it gets nothing. Ready: items go until its window is full; while
 * `Isolation` hunts, only its current group goes. Retired: never ready again; its suspects go to another slot.
 */
export class EngineSlot {
  readonly #options: SlotOptions;
  /** Items that the engine holds, in the order in which they were sent. */
  readonly #inFlight = new Map<number, Work>();
  readonly #isolation = new Isolation<Work>();
  #bytesInFlight = 0;
  #isReady = false;
  #isRetired = false;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  get itemsInFlight(): number {
    return this.#inFlight.size;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  get suspects(): number {
    return this.#isolation.suspects;
  }

  /** The engine is up and takes items. */
  ready(): void {
    this.#isReady = true;
    this.#options.onRoom();
  }

  received({ id, classification }: EngineOutcome): void {
    const work = this.#inFlight.get(id);
    if (work === undefined) return; // an outcome of an engine that is gone; its items run again
    this.#settle(work, classification);
    this.#options.onRoom();
  }

  /** @param accused id of the item in whose work it happened, where the dying engine could tell */
  lost(loss: EngineLoss, accused: number | null = null): void {
    this.#isReady = false;
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#bytesInFlight = 0;
    const suspects = this.#giveBack(lost, loss);
    if (suspects.length === 0) return;
    const { engine, events } = this.#options;
    events.suspectsFound({ engine, items: suspects.length, loss });
    const accusedItem = suspects.find(({ id }) => id === accused) ?? null;
    const culprit = this.#isolation.engineDied(suspects, accusedItem);
    if (culprit === null) return;
    const { root, object } = culprit;
    events.culpritNamed({ engine, root, path: object.path, loss });
    this.#settle(culprit, {
      kind: "unscannable",
      reason: loss === "hung" ? "timeout" : "crashed-engine",
      detail: `the engine ${loss === "hung" ? "hung" : "died"} twice with this image alone in it`,
    });
  }

  /** The engine never comes back. */
  retire(): void {
    this.#isReady = false;
    this.#isRetired = true;
    this.#options.onRetired(this.#isolation.giveUp());
  }

  hunt(groups: readonly Group<Work>[]): void {
    this.#isolation.adopt(groups);
  }

  /** Runs it alone, beside nothing else. */
  addSuspect(work: Work): void {
    this.#isolation.addSuspect(work);
  }

  /** Nothing else may run beside a suspect group: it starts when everything else is out, and goes as a whole. */
  sendGroup(): void {
    const group = this.#isolation.current;
    if (!this.#isReady || group === null || this.#inFlight.size > 0) return;
    for (const work of group) this.send(work);
  }

  hasRoomFor({ object }: Work): boolean {
    if (!this.#isReady || this.#isolation.isHunting) return false;
    const { maxItemsInFlight, maxBytesInFlight } = this.#options;
    if (this.#inFlight.size === 0) return true;
    const bytes = this.#bytesInFlight + object.sizeBytes;
    return this.#inFlight.size < maxItemsInFlight && bytes <= maxBytesInFlight;
  }

  send(work: Work): void {
    this.#inFlight.set(work.id, work);
    this.#bytesInFlight += work.object.sizeBytes;
    const { id, lane, root, object } = work;
    this.#options.send({ id, lane, root, object });
  }

  /** Where the device was lost, items go to whoever has room, so often; gives those that stay here as suspects. */
  #giveBack(lost: readonly Work[], loss: EngineLoss): readonly Work[] {
    if (loss !== "device-lost" || this.#isolation.isHunting) return lost;
    const isInnocent = ({ returns }: Work): boolean => returns < MAX_RETURNS;
    this.#options.onReturned(lost.filter(isInnocent));
    return lost.filter((work) => !isInnocent(work));
  }

  #settle(work: Work, classification: Classification): void {
    if (this.#inFlight.delete(work.id)) this.#bytesInFlight -= work.object.sizeBytes;
    this.#isolation.finished(work);
    work.finish(classification);
  }
}
