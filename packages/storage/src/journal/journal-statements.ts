import type { DatabaseSync, StatementSync } from "node:sqlite";
import { STATE } from "./journal-schema.ts";

/** Every statement of the journal, prepared once. Parameters are numbered in the order in which they are given. */
export type JournalStatements = Readonly<ReturnType<typeof prepareStatements>>;

// oxlint-disable-next-line max-lines-per-function -- a list of statements, nothing to follow
export function prepareStatements(db: DatabaseSync) {
  const sql = (text: string): StatementSync => db.prepare(text);
  return {
    begin: sql("BEGIN IMMEDIATE"),
    commit: sql("COMMIT"),
    rollback: sql("ROLLBACK"),
    addSource: sql(`INSERT INTO sources (name) VALUES (?1)
      ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`),

    hasVersion: sql("SELECT 1 FROM objects WHERE source = ?1 AND path = ?2 AND version = ?3"),
    isUndecided: sql(`SELECT 1 FROM objects
      WHERE source = ?1 AND path = ?2 AND version = ?3 AND state <> ${STATE.decided}`),
    row: sql("SELECT plan, version = ?3 AS is_same FROM objects WHERE source = ?1 AND path = ?2"),
    addSeen: sql(`INSERT INTO objects (source, path, version, size_bytes, state, place)
      VALUES (?1, ?2, ?3, ?4, ${STATE.seen}, ?5) ON CONFLICT DO NOTHING`),
    changeToSeen: sql(`UPDATE objects SET version = ?3, size_bytes = ?4,
      state = ${STATE.seen}, place = ?5, plan = NULL WHERE source = ?1 AND path = ?2`),
    decide: sql(`UPDATE objects SET state = ${STATE.decided}, place = NULL, plan = NULL
      WHERE source = ?1 AND path = ?2 AND version = ?3 AND state <> ${STATE.decided}`),
    forget: sql(`DELETE FROM objects
      WHERE source = ?1 AND path = ?2 AND version = ?3 AND state = ${STATE.decided}`),
    inLine: sql(`SELECT path, version, size_bytes, place FROM objects
      WHERE source = ?1 AND state = ${STATE.seen} ORDER BY place LIMIT ?2`),
    decidedAfter: sql(`SELECT path, version FROM objects
      WHERE source = ?1 AND path > ?2 AND state = ${STATE.decided} ORDER BY path LIMIT ?3`),
    lastSeenPlace: sql(`SELECT max(place) AS place FROM objects
      WHERE source = ?1 AND state = ${STATE.seen}`),
    lastPlannedPlace: sql(`SELECT max(o.place) AS place FROM plans p JOIN objects o ON o.plan = p.id
      WHERE p.source = ?1`),

    addPlan: sql("INSERT INTO plans (source, chunk_id) VALUES (?1, ?2) RETURNING id"),
    assign: sql(`UPDATE objects SET state = ${STATE.planned}, plan = ?1
      WHERE source = ?2 AND state = ${STATE.seen} AND place <= ?3`),
    planned: sql("SELECT path, version, size_bytes FROM objects WHERE plan = ?1 ORDER BY place"),
    unqueuedPlans: sql(`SELECT id, chunk_id FROM plans
      WHERE source = ?1 AND queued_at_ms IS NULL ORDER BY id`),
    overduePlans: sql(`SELECT id, chunk_id FROM plans
      WHERE source = ?1 AND queued_at_ms <= ?2 ORDER BY queued_at_ms, id LIMIT ?3`),
    stampPlan: sql(`UPDATE plans SET queued_at_ms = ?1
      WHERE source = ?2 AND chunk_id = ?3`),
    removePlan: sql("DELETE FROM plans WHERE source = ?1 AND chunk_id = ?2 RETURNING id"),
    dissolve: sql(`UPDATE objects SET state = ${STATE.seen}, plan = NULL WHERE plan = ?1`),
    dropEmptyPlan: sql(`DELETE FROM plans WHERE id = ?1
      AND NOT EXISTS (SELECT 1 FROM objects WHERE plan = ?1)`),

    countAll: sql("SELECT count(*) AS count FROM objects WHERE source = ?1"),
    countSeen: sql(`SELECT count(*) AS count FROM objects
      WHERE source = ?1 AND state = ${STATE.seen}`),
    countPlanned: sql(`SELECT count(*) FILTER (WHERE p.queued_at_ms IS NULL) AS assigned,
      count(*) FILTER (WHERE p.queued_at_ms IS NOT NULL) AS queued
      FROM plans p JOIN objects o ON o.plan = p.id WHERE p.source = ?1`),
  };
}
