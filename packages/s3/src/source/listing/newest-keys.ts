import { compareKeys } from "./key-order.ts";

/**
 * The last keys of a prefix whose names grow with time, so that the next listing can begin a little before the end. The look-back is counted in
 * keys: names that were given out in order arrive in disorder, and how much so depends on how many arrive at a time.
 */
export class NewestKeys {
  readonly #limit: number;
  /** In order, at most `limit` of them and the one before. */
  #keys: string[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(keys: readonly string[]): void {
    const [lowest] = this.#keys;
    const isFull = this.#keys.length > this.#limit;
    const newer =
      isFull && lowest !== undefined ? keys.filter((key) => compareKeys(key, lowest) > 0) : keys;
    if (newer.length === 0) return;
    const all = new Set([...this.#keys, ...newer]);
    this.#keys = [...all].sort(compareKeys).slice(-(this.#limit + 1));
  }

  /** Behind which key the next listing begins; null: at the beginning. */
  get after(): string | null {
    return this.#keys.length > this.#limit ? (this.#keys[0] ?? null) : null;
  }
}
