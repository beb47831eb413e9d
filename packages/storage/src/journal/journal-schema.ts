import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { JournalUnusableError } from "./journal-error.ts";

/** Version of the tables below. */
const SCHEMA_VERSION = 1;

/** How the states of a row are stored. Whether a planned row is assigned or queued is said by its plan, once for all of them. */
export const STATE = { seen: 0, planned: 1, decided: 2 } as const;

/**
 * One row per source and path. `WITHOUT ROWID` keeps the row inside the primary key's tree, so that the path is
 * stored once; the two partial indexes hold only rows that are not decided yet, which are few in the long run.
 *
 * - path: the raw bytes that the file system knows
 * - version: text of the object version, packed (see packed-version.ts)
 * - place: place in line, ascending in order of being seen; null once decided
 * - plan: set exactly while planned
 * - queued_at_ms: when the queue acknowledged the plan; null while it is only assigned
 */
const TABLES = `
  CREATE TABLE journal_schema (version INTEGER NOT NULL) STRICT;
  CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL REFERENCES sources (id),
    chunk_id TEXT NOT NULL UNIQUE,
    queued_at_ms INTEGER
  ) STRICT;
  CREATE TABLE objects (
    source INTEGER NOT NULL,
    path BLOB NOT NULL,
    version BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    place INTEGER CHECK ((place IS NULL) = (state = 2)),
    plan INTEGER CHECK ((plan IS NULL) = (state <> 1)),
    PRIMARY KEY (source, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX objects_in_line ON objects (source, place) WHERE state = 0;
  CREATE INDEX objects_planned ON objects (plan, place) WHERE plan IS NOT NULL;
`;

/** Makes the tables in a new database, and refuses one that a newer version of Sluice has written. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  const version = readVersion(db);
  if (version === SCHEMA_VERSION) return;
  if (version !== null) {
    throw new JournalUnusableError(
      `${path}: expected a journal of version ${SCHEMA_VERSION}, found ${version}: use the Sluice that wrote it, or move the file away; a new journal is then built from the folders, and everything in them is looked at once more`,
    );
  }
  db.exec(`BEGIN; ${TABLES} INSERT INTO journal_schema VALUES (${SCHEMA_VERSION}); COMMIT`);
}

const versionSchema = z.object({ version: z.number() });

function readVersion(db: DatabaseSync): number | null {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal_schema'").get();
  if (table === undefined) return null;
  return versionSchema.parse(db.prepare("SELECT version FROM journal_schema").get()).version;
}
