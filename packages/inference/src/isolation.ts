/**
 * Finds the item that brings the engine down, while everybody else gets an outcome.
 *
 * States:
 * - calm: no groups. Items run together.
 * - hunting: at least one group. Exactly one group runs at a time, beside nothing else, so that a crash
 *   can only be the fault of one of its items.
 * Transitions:
 * - calm → hunting: the engine dies; all items that were in flight become one group.
 * - hunting, the running group finishes: it is innocent and dropped; without groups left, calm again.
 * - hunting, the engine dies: the running group is split in halves; a group of one runs once more, because somebody may have
 *   killed the engine from outside, and is the culprit when it brings it down a second time.
 * Invariant: an item is in at most one group, and every item of a group is either finished or named.
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
   * @returns the culprit, once it stands alone and has done it twice
   */
  engineDied(inFlight: readonly T[]): T | null {
    const [first] = inFlight;
    if (first === undefined) return null;
    const isGroupRunning = this.#groups[0]?.items.includes(first) === true;
    const running = isGroupRunning ? this.#groups.shift() : undefined;
    if (inFlight.length > 1) {
      const middle = Math.ceil(inFlight.length / 2);
      const halves = [inFlight.slice(0, middle), inFlight.slice(middle)];
      const groups = running === undefined ? [inFlight] : halves;
      this.#groups.unshift(...groups.map((items) => ({ items: [...items], lives: LIVES })));
      return null;
    }
    const lives = (running?.lives ?? LIVES) - 1;
    if (lives === 0) return first;
    this.#groups.unshift({ items: [first], lives });
    return null;
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
}

/** How often an item alone may bring the engine down before it is named: once may be an accident. */
const LIVES = 2;

interface Group<T> {
  readonly items: T[];
  /** How often this group, when it is one item, may still bring the engine down before it is named. */
  readonly lives: number;
}
