import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalUnusableError } from "./journal-error.ts";
import { prepareSchema } from "./journal-schema.ts";

/**
 * `synchronous = NORMAL` with a write-ahead log: a killed process loses nothing, a power failure may take back the
 * last moments but never damages the file. That is enough, because nothing here is the only copy: rows that are taken back
 * are found again by the next listing, and a chunk that is sent twice is harmless. FULL would wait for the disk at
 * every hint. The cache is 8 MB.
 */
const SETTINGS =
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000";

/** Opens the file, making it and its folder where they are missing. @throws JournalUnusableError */
export function openJournalFile(
  path: string,
  { busyTimeoutMs }: { readonly busyTimeoutMs: number },
): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    db.exec(SETTINGS);
    prepareSchema(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof JournalUnusableError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new JournalUnusableError(
      `cannot use the journal ${path} (${reason}): make the folder writable, or move a damaged file away; a new journal is then built from the folders`,
      { cause: error },
    );
  }
}
