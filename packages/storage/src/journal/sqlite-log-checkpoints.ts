import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SourceName } from "@sluice/contracts";
import type { LogCheckpoint, LogCheckpoints } from "@sluice/sources";
import { z } from "zod";
import { describeSqliteError } from "./journal-error.ts";
import { openJournalFile } from "./journal-file.ts";

/**
 * In the journal's own file, by a connection of its own: transactions of one file become durable in their order, so no power failure
 * can keep a checkpoint and take back the journal rows that it rests on. Whoever moves the journal away reads the logs again.
 */
const TABLE = `CREATE TABLE IF NOT EXISTS log_checkpoints (
  source TEXT NOT NULL,
  log TEXT NOT NULL,
  fingerprint_length INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  offset INTEGER NOT NULL,
  is_finished INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT`;

const rowSchema = z.object({
  log: z.string(),
  fingerprint_length: z.number(),
  fingerprint: z.string(),
  offset: z.number(),
  is_finished: z.number(),
  updated_at_ms: z.number(),
});

/** Methods throw JournalFailedError when the file cannot be read or written any more. */
export class SqliteLogCheckpoints implements LogCheckpoints, Disposable {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #read: StatementSync;
  readonly #clear: StatementSync;
  readonly #add: StatementSync;

  private constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    this.#path = path;
    this.#read = db.prepare("SELECT * FROM log_checkpoints WHERE source = ? ORDER BY rowid");
    this.#clear = db.prepare("DELETE FROM log_checkpoints WHERE source = ?");
    this.#add = db.prepare("INSERT INTO log_checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  /** @param path of the journal. @throws JournalUnusableError */
  static open(path: string, { busyTimeoutMs = 5000 } = {}): SqliteLogCheckpoints {
    const db = openJournalFile(path, { busyTimeoutMs });
    db.exec(TABLE);
    return new SqliteLogCheckpoints(db, path);
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close();
  }

  read(source: SourceName): readonly LogCheckpoint[] {
    return this.#read.all(source).map((row) => {
      const parsed = rowSchema.parse(row);
      return {
        log: parsed.log,
        fingerprint: { length: parsed.fingerprint_length, sha256: parsed.fingerprint },
        offset: parsed.offset,
        isFinished: parsed.is_finished === 1,
        updatedAtMs: parsed.updated_at_ms,
      };
    });
  }

  write(source: SourceName, checkpoints: readonly LogCheckpoint[]): void {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      this.#clear.run(source);
      for (const { log, fingerprint, offset, isFinished, updatedAtMs } of checkpoints) {
        const { length, sha256 } = fingerprint;
        this.#add.run(source, log, length, sha256, offset, isFinished ? 1 : 0, updatedAtMs);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw describeSqliteError(error, this.#path);
    }
  }
}
