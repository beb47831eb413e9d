/**
 * Which of two looks at a key is the newer one. A server's answer tells how things were at some moment between question and answer. A
 * listing's page and a look at one of its keys that were under way at the same time may have come in either order, so neither is believed
 * against the other: the key is looked at once more, after both. Otherwise an older look could put an old version in the place of a
 * newer one.
 *
 * Looks at one key follow one another (see `ObjectLooks`), so only pages and looks can cross.
 */
export class LookOrder {
  /** Counts beginnings and ends. */
  #now = 0;
  readonly #pages = new Set<PageLook>();
  readonly #looking = new Map<string, number>();
  /** Keys looked at while a page was under way, with when that ended. Empty while no page is. */
  readonly #looked = new Map<string, number>();

  beginPage(): PageLook {
    const page = { beganAt: ++this.#now };
    this.#pages.add(page);
    return page;
  }

  /** The page has come, or failed. Returns those of its keys that were looked at meanwhile. */
  endPage(page: PageLook, keys: Iterable<string> = []): ReadonlySet<string> {
    const crossed = new Set<string>();
    if (this.#looking.size > 0 || this.#looked.size > 0) {
      for (const key of keys) if (this.#hasCrossed(key, page)) crossed.add(key);
    }
    this.#pages.delete(page);
    this.#forgetLooked();
    return crossed;
  }

  beginLook(key: string): void {
    this.#looking.set(key, (this.#looking.get(key) ?? 0) + 1);
  }

  endLook(key: string): void {
    const left = (this.#looking.get(key) ?? 1) - 1;
    if (left === 0) this.#looking.delete(key);
    else this.#looking.set(key, left);
    if (this.#pages.size > 0) this.#looked.set(key, ++this.#now);
  }

  #hasCrossed(key: string, { beganAt }: PageLook): boolean {
    return this.#looking.has(key) || (this.#looked.get(key) ?? 0) > beganAt;
  }

  /** What ended before the oldest page under way began cannot cross any. */
  #forgetLooked(): void {
    let oldest = Number.POSITIVE_INFINITY;
    for (const { beganAt } of this.#pages) oldest = Math.min(oldest, beganAt);
    for (const [key, endedAt] of this.#looked) if (endedAt < oldest) this.#looked.delete(key);
  }
}

/** A page of a listing that is under way. */
export interface PageLook {
  readonly beganAt: number;
}
