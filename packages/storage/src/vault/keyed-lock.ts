/** Runs tasks of the same key one after the other; tasks of different keys do not wait for each other. */
export class KeyedLock {
  /** Holds the end of the queue of each key that has one. */
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(task, task);
    // A failed task must not fail those that wait behind it.
    const tail = result.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
