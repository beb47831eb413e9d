/**
 * Bounds the pixels that are decoded at a time, and with them the memory, however many cores decode. First come,
 * first served; a picture that alone exceeds the budget still goes, by itself.
 */
export class PixelBudget {
  readonly #limit: number;
  /** Sum over what `run` has let in and is not done. */
  #inUse = 0;
  readonly #waiting: { readonly pixels: number; readonly enter: () => void }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(pixels: number, work: () => Promise<T>): Promise<T> {
    await this.#enter(pixels);
    try {
      return await work();
    } finally {
      this.#inUse -= pixels;
      this.#admit();
    }
  }

  async #enter(pixels: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ pixels, enter: resolve });
    this.#admit();
    await promise;
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#inUse > 0 && this.#inUse + next.pixels > this.#limit) return;
      this.#waiting.shift();
      this.#inUse += next.pixels;
      next.enter();
    }
  }
}
