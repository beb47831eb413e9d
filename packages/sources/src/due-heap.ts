/** Items in order of when they are due: a binary heap, so that adding and taking cost the logarithm of the number held. */
export class DueHeap<T> {
  /** Invariant: no entry is due before its parent at (index - 1) >> 1. */
  readonly #entries: Entry<T>[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** When the first item is due, null when there is none. */
  get nextDueMs(): number | null {
    return this.#entries[0]?.dueMs ?? null;
  }

  add(item: T, dueMs: number): void {
    const entries = this.#entries;
    let at = entries.length;
    const entry = { item, dueMs };
    for (;;) {
      const parentAt = (at - 1) >> 1;
      const parent = entries[parentAt];
      if (at === 0 || parent === undefined || parent.dueMs <= dueMs) break;
      entries[at] = parent;
      at = parentAt;
    }
    entries[at] = entry;
  }

  /** Removes and returns the first item when it is due by `nowMs`. */
  take(nowMs: number): T | undefined {
    const first = this.#entries[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) this.#sink(last);
    return first.item;
  }

  /** Puts an entry in the place of the root and lets it sink to where it belongs. */
  #sink(entry: Entry<T>): void {
    const entries = this.#entries;
    let at = 0;
    for (;;) {
      const childAt = earlierChild(entries, at);
      const child = entries[childAt];
      if (child === undefined || child.dueMs >= entry.dueMs) break;
      entries[at] = child;
      at = childAt;
    }
    entries[at] = entry;
  }
}

interface Entry<T> {
  readonly item: T;
  readonly dueMs: number;
}

function earlierChild<T>(entries: readonly Entry<T>[], at: number): number {
  const left = 2 * at + 1;
  const leftDue = entries[left]?.dueMs ?? Number.POSITIVE_INFINITY;
  const rightDue = entries[left + 1]?.dueMs ?? Number.POSITIVE_INFINITY;
  return rightDue < leftDue ? left + 1 : left;
}
