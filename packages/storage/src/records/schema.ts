import type { DatabaseSync } from "node:sqlite";

/** Grows by one with every change below; a database of a later Sluice is refused. */
const SCHEMA_VERSION = 2;

/**
 * Times are Unix milliseconds. Paths are the reversible text form of `ObjectPath`, so every byte of a name is in
 * it. JSON columns hold the shapes of @sluice/contracts, @sluice/policy and @sluice/moderation.
 */
const TABLES = `
CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  decided_at_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  version TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  chunk_id TEXT NOT NULL,
  policy TEXT NOT NULL,
  policy_digest TEXT NOT NULL,
  ensemble TEXT NOT NULL,
  ensemble_digest TEXT NOT NULL,
  worker TEXT NOT NULL,
  classified_at_ms INTEGER NOT NULL,
  sha256 TEXT,
  classification TEXT NOT NULL, -- JSON: scores, scores per member with the model's digest, or the reason
  decision TEXT NOT NULL,
  rule TEXT NOT NULL,  -- JSON: the rule that decided
  fired TEXT NOT NULL, -- JSON: every rule that fired
  UNIQUE (root, path, version, policy_digest)
) STRICT;
CREATE INDEX decisions_by_time ON decisions (decided_at_ms);
CREATE INDEX decisions_by_content ON decisions (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE effects (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decisions (id),
  plan TEXT NOT NULL, -- JSON
  state TEXT NOT NULL CHECK (state IN ('pending', 'placed', 'done')),
  result TEXT CHECK ((state = 'done') = (result IS NOT NULL)),
  actor TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at_ms INTEGER,
  failure_code TEXT,
  failure_message TEXT,
  claimed_by TEXT NOT NULL,
  claimed_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_open_effect ON effects (decision_id) WHERE state <> 'done';
CREATE INDEX effects_by_decision ON effects (decision_id);
CREATE INDEX open_effects ON effects (next_attempt_at_ms) WHERE state <> 'done';
CREATE INDEX effects_waiting ON effects (result, created_at_ms) WHERE result IN ('held', 'conflict', 'left', 'locked');

CREATE TABLE vault_records (
  id TEXT PRIMARY KEY,
  decision_id TEXT NOT NULL REFERENCES decisions (id),
  state TEXT NOT NULL,
  settles_as TEXT NOT NULL,
  kept_at_ms INTEGER NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  version TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  mode INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  mtime_ns TEXT NOT NULL,
  attributes TEXT -- JSON: what a bucket kept beside the bytes; null for a file
) STRICT;
CREATE INDEX vault_records_by_time ON vault_records (kept_at_ms);
CREATE INDEX vault_records_by_content ON vault_records (sha256);

CREATE TABLE exemptions (
  sha256 TEXT NOT NULL,
  policy_digest TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (sha256, policy_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE ensembles (digest TEXT PRIMARY KEY, info TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  decision_id TEXT NOT NULL,
  effect_id TEXT,
  vault_id TEXT
) STRICT;
CREATE INDEX actions_by_decision ON actions (decision_id);
CREATE TRIGGER actions_are_never_changed BEFORE UPDATE ON actions
  BEGIN SELECT RAISE(ABORT, 'the log of actions is append-only'); END;
CREATE TRIGGER actions_are_never_removed BEFORE DELETE ON actions
  BEGIN SELECT RAISE(ABORT, 'the log of actions is append-only'); END;
`;

/** What brings tables of each earlier version to the next one. */
const STEPS_FROM: Readonly<Record<number, string>> = {
  1: `
    ALTER TABLE vault_records ADD COLUMN attributes TEXT;
    DROP INDEX effects_waiting;
    CREATE INDEX effects_waiting ON effects (result, created_at_ms)
      WHERE result IN ('held', 'conflict', 'left', 'locked');`,
};

/** The database was written by a later Sluice. */
export class RecordsTooNewError extends Error {
  override readonly name = "RecordsTooNewError";
  readonly code = "RECORDS_TOO_NEW";
  readonly retryable = false;
  readonly exitCode = 78;
  constructor(path: string, found: number) {
    super(
      `The records ${path} have schema ${found}, this Sluice knows ${SCHEMA_VERSION}. Run the version that wrote them.`,
    );
  }
}

/** Makes the tables in a new database, and brings those of an earlier Sluice up to date. Throws RecordsTooNewError. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  // Checked inside the lock, because another process may be making them right now.
  db.exec("BEGIN IMMEDIATE");
  try {
    const found = readVersion(db, path);
    if (found === 0) db.exec(TABLES);
    else for (let from = found; from < SCHEMA_VERSION; from++) db.exec(STEPS_FROM[from] ?? "");
    if (found < SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION};`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

export type SchemaAge = "none" | "earlier" | "present";

/** How a database's tables stand to those above. Throws RecordsTooNewError. */
export function schemaAge(db: DatabaseSync, path: string): SchemaAge {
  const found = readVersion(db, path);
  if (found === 0) return "none";
  return found < SCHEMA_VERSION ? "earlier" : "present";
}

function readVersion(db: DatabaseSync, path: string): number {
  const found = Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (found > SCHEMA_VERSION) throw new RecordsTooNewError(path, found);
  return found;
}
