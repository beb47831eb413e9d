/**
 * Finds the item that brings the engine down, while everybody else gets an outcome.
 *
 * States:
 * - calm: no groups. Items run together.
 * - hunting: at least one group. Exactly one group runs at a time, beside nothing else, so that a crash
 *   can only be the fault of one of its items.
 * Transitions:
 * - calm → hunting: the engine dies; all items that were in flight become one group, which runs once more as it was, because
 *   an engine that somebody killed from outside should cost one restart only. An item that the dying engine accused becomes a
 *   group of its own, before the others.
 * - hunting, the running group finishes: it is innocent and dropped; without groups left, calm again.
 * - hunting, the engine dies: what is left of the running group is split in halves; one item alone runs once more (somebody may have
 *   killed the engine from outside) and is the culprit when it brings the engine down a second time.
 * Invariants: an item is in at most one group; every item of a group is either finished or named.
 */
export class Isolation<T> {
  /** Groups still to be run; the first one runs now. */
  readonly #groups: Group<T>[] = [];

  get isHunting(): boolean {
    return this.#groups.length > 0;
  }

  /** Items that may run now, null when everything may. */
  get current(): readonly T[] | null {
    return this.#groups[0]?.items ?? null;
  }

  /**
   * The engine died while `inFlight` had no outcome yet.
   *
   * @param accused the item in whose work it happened, where the dying engine could tell
   * @returns the culprit, once it stands alone and has done it twice
   */
  engineDied(inFlight: readonly T[], accused: T | null = null): T | null {
    const [first, ...others] = inFlight;
    if (first === undefined) return null;
    const isGroupRunning = this.#groups[0]?.items.includes(first) === true;
    const running = isGroupRunning ? this.#groups.shift() : undefined;
    if (others.length === 0) return this.#alone(first, running?.lives ?? LIVES);
    for (const items of split(inFlight, {
      accused,
      isFirstTime: running === undefined,
    }).toReversed()) {
      this.#groups.unshift({ items, lives: LIVES });
    }
    return null;
  }

  /** Items in all groups. */
  get suspects(): number {
    return this.#groups.reduce((sum, { items }) => sum + items.length, 0);
  }

  /** Hands all groups over, for the isolation of another engine: this one's never comes back. */
  giveUp(): readonly Group<T>[] {
    return this.#groups.splice(0);
  }

  /** Groups of another isolation join this one's; they run when its own are done. */
  adopt(groups: readonly Group<T>[]): void {
    this.#groups.push(...groups);
  }

  /** An item that must run alone joins the groups, for chunks whose whole worker died. */
  addSuspect(item: T): void {
    this.#groups.push({ items: [item], lives: LIVES });
  }

  /** An item has its outcome. */
  finished(item: T): void {
    for (const group of this.#groups) {
      const at = group.items.indexOf(item);
      if (at !== -1) group.items.splice(at, 1);
    }
    while (this.#groups[0]?.items.length === 0) this.#groups.shift();
  }

  #alone(item: T, livesBefore: number): T | null {
    const lives = livesBefore - 1;
    if (lives === 0) return item;
    this.#groups.unshift({ items: [item], lives });
    return null;
  }
}

/** How often an item alone may bring the engine down before it is named: once may be an accident. */
const LIVES = 2;

export interface Group<T> {
  readonly items: T[];
  /** How often this group, when it is one item, may still bring the engine down before it is named. */
  readonly lives: number;
}

function split<T>(
  items: readonly T[],
  { accused, isFirstTime }: { accused: T | null; isFirstTime: boolean },
): T[][] {
  if (accused !== null && items.includes(accused)) {
    return [[accused], items.filter((item) => item !== accused)];
  }
  if (isFirstTime) return [[...items]];
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
