/**
 * Lets work in as long as its bytes fit into a budget, first come first served; what does not fit waits outside, and when too many
 * wait nobody else may.
 */
export class ByteGate {
  readonly #maxWaiting: number;
  readonly #maxBytes: number;
  #freeBytes: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];

  constructor({ maxBytes, maxWaiting }: { maxBytes: number; maxWaiting: number }) {
    this.#maxBytes = maxBytes;
    this.#freeBytes = maxBytes;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Returns when the work may begin; dispose of what it gives when it is done. Null: too many wait already. Work that is larger than the
   * budget goes alone.
   */
  async enter(bytes: number): Promise<Disposable | null> {
    const cost = Math.min(bytes, this.#maxBytes);
    if (this.#waiting.length > 0 || cost > this.#freeBytes) {
      if (this.#waiting.length >= this.#maxWaiting) return null;
      await new Promise<void>((resolve) => {
        this.#waiting.push({ bytes: cost, enter: resolve });
      });
    } else {
      this.#freeBytes -= cost;
    }
    let isInside = true;
    return {
      [Symbol.dispose]: () => {
        if (isInside) this.#leave(cost);
        isInside = false;
      },
    };
  }

  #leave(bytes: number): void {
    this.#freeBytes += bytes;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.bytes > this.#freeBytes) return;
      this.#waiting.shift();
      this.#freeBytes -= next.bytes;
      next.enter();
    }
  }
}
