import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { answerSchema, type Answer, type UploadId } from "@sluice/contracts";
import type { AnswerBook } from "@sluice/sources";

/** Answers are about 700 bytes each; the oldest go first. */
const MAX_ANSWERS = 100_000;
/** Writes between two looks at how many there are. */
const COUNT_EVERY = 1000;

/**
 * Answers in one SQLite file. Written like the journal (WAL, synchronous NORMAL): a power failure may take back the last ones, which
 * moderation's records still have.
 */
export class SqliteAnswers implements AnswerBook, Disposable {
  readonly #db: DatabaseSync;
  readonly #write: StatementSync;
  readonly #read: StatementSync;
  readonly #forget: StatementSync;
  readonly #trim: StatementSync;
  #writes = 0;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    this.#write = db.prepare("INSERT OR REPLACE INTO answers (id, answer, at_ms) VALUES (?, ?, ?)");
    this.#read = db.prepare("SELECT answer FROM answers WHERE id = ?");
    this.#forget = db.prepare("DELETE FROM answers WHERE at_ms < ?");
    this.#trim = db.prepare(
      "DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY at_ms DESC LIMIT -1 OFFSET ?)",
    );
  }

  static open(path: string): SqliteAnswers {
    mkdirSync(dirname(path), { recursive: true });
    const db = new DatabaseSync(path, { timeout: 5000 });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS answers (id TEXT PRIMARY KEY, answer TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS answers_by_time ON answers (at_ms);`);
    return new SqliteAnswers(db);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }

  write(id: UploadId, answer: Answer, atMs: number): void {
    this.#write.run(id, JSON.stringify(answer), atMs);
    this.#writes += 1;
    if (this.#writes % COUNT_EVERY === 0) this.#trim.run(MAX_ANSWERS);
  }

  read(id: UploadId): Answer | null {
    const text = this.#read.get(id)?.["answer"];
    return typeof text === "string" ? answerSchema.parse(JSON.parse(text)) : null;
  }

  forget(beforeMs: number): void {
    this.#forget.run(beforeMs);
  }
}
