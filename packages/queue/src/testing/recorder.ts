/** Collects facts as they happen; a test waits for a fact instead of sleeping. */
export class Recorder<T> {
  readonly items: T[] = [];
  #waiting: (() => void)[] = [];

  readonly add = (item: T): void => {
    this.items.push(item);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** Resolves when the condition holds for what was recorded. */
  async until(condition: (items: readonly T[]) => boolean): Promise<readonly T[]> {
    while (!condition(this.items)) await new Promise<void>((wake) => this.#waiting.push(wake));
    return this.items;
  }

  async untilCount(count: number): Promise<readonly T[]> {
    return await this.until((items) => items.length >= count);
  }
}
