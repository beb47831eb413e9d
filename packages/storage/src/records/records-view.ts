import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { ObjectPath, RootName, Sha256 } from "@sluice/contracts";
import {
  decisionIdSchema,
  effectIdSchema,
  vaultIdSchema,
  type Decision,
  type DecisionId,
  type DecisionRecord,
  type Effect,
  type VaultId,
  type VaultRecord,
  type VaultState,
} from "@sluice/moderation";
import { z } from "zod";
import {
  DECISION_COLUMNS,
  EFFECT_COLUMNS,
  parseDecisionRow,
  parseEffectRow,
  parseVaultRow,
  VAULT_COLUMNS,
} from "./rows.ts";
import { prepareSchema, schemaAge } from "./schema.ts";
import { Sql } from "./sql.ts";

/** A decision with its newest effect. */
export interface DecisionView {
  readonly record: DecisionRecord;
  readonly effect: Effect;
  /** Why the effect is not done yet, when it failed. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface DecisionFilter {
  readonly decision?: Decision;
  readonly root?: RootName;
  readonly path?: ObjectPath;
  readonly sha256?: Sha256;
  /** Only those that wait for a person. */
  readonly isWaiting?: boolean;
  /** Only those whose effect is not done. */
  readonly isOpen?: boolean;
  /** Newest first; at most this many. */
  readonly limit: number;
}

/**
 * What moderation has recorded, for people and reports; never writes, so it may be open beside everything else. Only the tables of
 * an earlier Sluice are brought up to date first.
 */
export class RecordsView implements Disposable {
  readonly #sql: Sql;

  private constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Null when moderation has not made its records yet. Throws RecordsTooNewError. */
  static open(path: string): RecordsView | null {
    if (!existsSync(path)) return null;
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      const age = schemaAge(db, path);
      if (age === "none") return closed(db);
      if (age === "earlier") bringUpToDate(path);
      return new RecordsView(new Sql(db));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  decisions(filter: DecisionFilter): readonly DecisionView[] {
    const { decision, root, path, sha256, isWaiting, isOpen, limit } = filter;
    const rows = this.#sql.all(
      `SELECT d.id FROM decisions d JOIN effects e ON e.rowid = ${LATEST_EFFECT}
       WHERE (:decision IS NULL OR d.decision = :decision) AND (:root IS NULL OR d.root = :root)
         AND (:path IS NULL OR d.path = :path) AND (:sha256 IS NULL OR d.sha256 = :sha256)
         AND (:isWaiting = 0 OR ${IS_WAITING}) AND (:isOpen = 0 OR e.state <> 'done')
       ORDER BY d.decided_at_ms DESC, d.id DESC LIMIT :limit`,
      {
        decision: decision ?? null,
        root: root ?? null,
        path: path ?? null,
        sha256: sha256 ?? null,
        limit,
        isWaiting: Number(isWaiting ?? false),
        isOpen: Number(isOpen ?? false),
      },
    );
    const ids = rows.map((row) => z.object({ id: decisionIdSchema }).parse(row).id);
    return ids.map((id) => this.decision(id)).filter((view) => view !== null);
  }

  decision(id: DecisionId): DecisionView | null {
    const row = this.#sql.get(`SELECT ${DECISION_COLUMNS} FROM decisions d WHERE d.id = :id`, {
      id,
    });
    const effect = this.#sql.get(
      `SELECT ${EFFECT_COLUMNS}, e.failure_code AS code, e.failure_message AS message
       FROM decisions d JOIN effects e ON e.rowid = ${LATEST_EFFECT} WHERE d.id = :id`,
      { id },
    );
    if (row === undefined || effect === undefined) return null;
    const parsed = parseEffectRow(effect);
    const failure = failureSchema.safeParse(effect);
    const hasFailed = parsed.state !== "done" && failure.success;
    return {
      record: parseDecisionRow(row),
      effect: parsed,
      failure: hasFailed ? failure.data : null,
    };
  }

  /** Everything that was done about a decision, oldest first. */
  actions(id: DecisionId): readonly ActionView[] {
    const rows = this.#sql.all(
      `SELECT at_ms AS atMs, actor, action, effect_id AS effectId, vault_id AS vaultId FROM actions
       WHERE decision_id = :id ORDER BY id`,
      { id },
    );
    return rows.map((row) => actionViewSchema.parse(row));
  }

  /** Newest first. By default only what the vault holds now. */
  vault(filter: {
    readonly states?: readonly VaultState[];
    readonly limit: number;
  }): readonly VaultRecord[] {
    const states = JSON.stringify(filter.states ?? ["quarantined", "held", "replaced"]);
    const rows = this.#sql.all(
      `SELECT ${VAULT_COLUMNS} FROM vault_records v
       WHERE v.state IN (SELECT value FROM json_each(:states)) ORDER BY v.kept_at_ms DESC, v.id DESC LIMIT :limit`,
      { states, limit: filter.limit },
    );
    return rows.map((row) => parseVaultRow(row));
  }

  vaultRecord(id: VaultId): VaultRecord | null {
    const row = this.#sql.get(`SELECT ${VAULT_COLUMNS} FROM vault_records v WHERE v.id = :id`, {
      id,
    });
    return row === undefined ? null : parseVaultRow(row);
  }

  counts(): RecordCounts {
    const count = (text: string) => z.object({ n: z.number() }).parse(this.#sql.get(text, {})).n;
    const rows = this.#sql.all(
      `SELECT decision, COUNT(*) AS n FROM decisions GROUP BY decision`,
      {},
    );
    const pairs = rows.map((row) => z.object({ decision: z.string(), n: z.number() }).parse(row));
    return {
      decisions: Object.fromEntries(pairs.map(({ decision, n }) => [decision, n])),
      waiting: count(
        `SELECT COUNT(*) AS n FROM decisions d JOIN effects e ON e.rowid = ${LATEST_EFFECT} WHERE ${IS_WAITING}`,
      ),
      openEffects: count(`SELECT COUNT(*) AS n FROM effects WHERE state <> 'done'`),
      inVault: count(
        `SELECT COUNT(*) AS n FROM vault_records WHERE state IN ('quarantined', 'held', 'replaced')`,
      ),
    };
  }

  [Symbol.dispose](): void {
    this.#sql.db.close();
  }
}

function closed(db: DatabaseSync): null {
  db.close();
  return null;
}

function bringUpToDate(path: string): void {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    prepareSchema(db, path);
  } finally {
    db.close();
  }
}

export interface RecordCounts {
  /** Number of decisions of each kind that there is. */
  readonly decisions: Readonly<Record<string, number>>;
  /** Those that wait for a person. */
  readonly waiting: number;
  /** Effects that are not done: under way, or failed and to be tried again. */
  readonly openEffects: number;
  /** Records whose bytes only the vault has. */
  readonly inVault: number;
}

const actionViewSchema = z.object({
  atMs: z.number(),
  actor: z.string(),
  action: z.string(),
  effectId: effectIdSchema.nullable(),
  vaultId: vaultIdSchema.nullable(),
});
export type ActionView = z.infer<typeof actionViewSchema>;

const failureSchema = z.object({ code: z.string(), message: z.string() });

const LATEST_EFFECT = `(SELECT MAX(l.rowid) FROM effects l WHERE l.decision_id = d.id AND l.result IS NOT 'refused')`;

/** The same rule as `review-item.ts` applies to one decision. */
const IS_WAITING = `(
  (e.result IN ('held', 'conflict', 'left', 'locked') AND NOT EXISTS (
    -- what lies there by now has a decision of its own
    SELECT 1 FROM decisions n WHERE n.root = d.root AND n.path = d.path AND n.rowid > d.rowid))
  OR (e.result = 'vaulted' AND EXISTS (
    SELECT 1 FROM vault_records v WHERE v.id = 'q' || substr(e.id, 2) AND v.state = 'held')))`;
