import type { DatabaseSync } from "node:sqlite";

interface Waiting {
  /** Runs the write inside the open transaction; returns how to tell its caller. */
  readonly write: () => () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Commits writes that arrive together in one transaction, so that a disk flush is shared by all effects under way.
 * A write's promise settles after its commit. Should one fail, each is committed on its own.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  #waiting: Waiting[] = [];

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async run<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const prepare = () => {
        const value = write();
        return () => resolve(value);
      };
      this.#waiting.push({ write: prepare, fail: reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      for (const resolve of this.#commit(batch)) resolve();
    } catch {
      // Rolled back as a whole; one by one, only the culprit fails.
      for (const one of batch) this.#commitAlone(one);
    }
  }

  #commitAlone(one: Waiting): void {
    try {
      for (const resolve of this.#commit([one])) resolve();
    } catch (error) {
      one.fail(error);
    }
  }

  #commit(batch: readonly Waiting[]): readonly (() => void)[] {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const resolvers = batch.map(({ write }) => write());
      this.#db.exec("COMMIT");
      return resolvers;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
