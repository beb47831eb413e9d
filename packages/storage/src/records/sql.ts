import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

export type SqlParameters = Record<string, SQLInputValue>;

/** Statements of one database, prepared once. Parameters are named `:likeThis`. */
export class Sql {
  readonly db: DatabaseSync;
  /** One entry per text; texts are constants, so this does not grow. */
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  /** Number of rows changed. */
  run(text: string, parameters: SqlParameters): number {
    return Number(this.#prepare(text).run(parameters).changes);
  }

  get(text: string, parameters: SqlParameters): unknown {
    return this.#prepare(text).get(parameters);
  }

  all(text: string, parameters: SqlParameters): readonly unknown[] {
    return this.#prepare(text).all(parameters);
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
