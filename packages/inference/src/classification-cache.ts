import type { Classified, Sha256 } from "@sluice/contracts";

/**
 * Classifications of contents that were seen before, for one ensemble; the least recently used go first. Only what was
 * classified is kept: everything else may end otherwise the next time.
 */
export class ClassificationCache {
  readonly #maxEntries: number;
  /** In the order of last use. */
  readonly #entries = new Map<Sha256, Classified>();

  /** @param maxEntries 0 keeps nothing */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  find(sha256: Sha256): Classified | null {
    const found = this.#entries.get(sha256);
    if (found === undefined) return null;
    this.#entries.delete(sha256);
    this.#entries.set(sha256, found);
    return found;
  }

  remember(classified: Classified): void {
    if (this.#maxEntries === 0) return;
    this.#entries.delete(classified.sha256);
    this.#entries.set(classified.sha256, classified);
    if (this.#entries.size <= this.#maxEntries) return;
    for (const [oldest] of this.#entries) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
