import {
  EffectInProgressError,
  immediateResult,
  RecordNotFoundError,
  type DecisionId,
  type Effect,
  type EffectId,
  type EffectResult,
  type Failure,
  type NewEffect,
  type VaultId,
  type VaultState,
} from "@sluice/moderation";
import { addAction } from "./action-rows.ts";
import type { Claim } from "./claims.ts";
import { EFFECT_COLUMNS, parseEffectRow } from "./rows.ts";
import type { Sql } from "./sql.ts";
import { moveVaultRow } from "./vault-rows.ts";

const SELECT = `SELECT ${EFFECT_COLUMNS} FROM effects e JOIN decisions d ON d.id = e.decision_id`;

export function insertEffect(sql: Sql, effect: Effect, claim: Claim): void {
  const { id, decisionId, plan, state, result, actor } = effect;
  sql.run(
    `INSERT INTO effects (id, decision_id, plan, state, result, actor, created_at_ms, finished_at_ms, claimed_by,
       claimed_at_ms)
     VALUES (:id, :decisionId, :plan, :state, :result, :actor, :atMs, :finishedAtMs, :claimedBy, :atMs)`,
    {
      id,
      decisionId,
      state,
      result,
      actor,
      atMs: claim.atMs,
      claimedBy: claim.by,
      plan: JSON.stringify(plan),
      finishedAtMs: result === null ? null : claim.atMs,
    },
  );
}

export function findEffectRow(sql: Sql, id: EffectId): Effect | null {
  const row = sql.get(`${SELECT} WHERE e.id = :id`, { id });
  return row === undefined ? null : parseEffectRow(row);
}

/** The newest effect; one that was refused changed nothing, so it does not count. */
export function effectOfDecision(sql: Sql, id: DecisionId): Effect | null {
  const row = sql.get(
    `${SELECT} WHERE e.decision_id = :id AND e.result IS NOT 'refused' ORDER BY e.rowid DESC LIMIT 1`,
    { id },
  );
  return row === undefined ? null : parseEffectRow(row);
}

export function reopenEffect(sql: Sql, effect: Effect, claim: Claim): Effect {
  sql.run(
    `UPDATE effects SET state = 'pending', result = NULL, finished_at_ms = NULL, next_attempt_at_ms = NULL,
       claimed_by = :by, claimed_at_ms = :atMs WHERE id = :id`,
    { id: effect.id, ...claim },
  );
  return { ...effect, state: "pending", result: null };
}

/** Begins an operator's effect; inside the caller's transaction. Throws EffectInProgressError. */
export function beginEffect(sql: Sql, wanted: NewEffect, by: string): Effect {
  const latest = effectOfDecision(sql, wanted.decisionId);
  if (latest === null) throw new RecordNotFoundError(wanted.decisionId);
  if (latest.state !== "done") throw new EffectInProgressError(latest.id);
  const { id, plan, actor, atMs, vault, exempt, action } = wanted;
  const result = immediateResult(plan);
  const state = result === null ? "pending" : "done";
  const effect: Effect = { ...latest, id, plan, actor, state, result, attempts: 0 };
  insertEffect(sql, effect, { by, atMs });
  if (exempt !== null) addExemption(sql, wanted, exempt);
  if (vault !== null) moveVaultRow(sql, vault.id, vault.state);
  const about = { decisionId: wanted.decisionId, effectId: id, vaultId: vault?.id ?? null };
  addAction(sql, { atMs, actor, action, ...about });
  return effect;
}

function addExemption(
  sql: Sql,
  { decisionId, actor, atMs }: NewEffect,
  exempt: NonNullable<NewEffect["exempt"]>,
): void {
  sql.run(
    `INSERT OR IGNORE INTO exemptions (sha256, policy_digest, decision_id, actor, created_at_ms)
     VALUES (:sha256, :policyDigest, :decisionId, :actor, :atMs)`,
    { ...exempt, decisionId, actor, atMs },
  );
}

export function markEffectPlaced(sql: Sql, id: EffectId): void {
  sql.run(`UPDATE effects SET state = 'placed' WHERE id = :id AND state = 'pending'`, { id });
}

/** Ends an effect, once; with the vault record's state and the log line in the caller's transaction. */
export function finishEffect(
  sql: Sql,
  id: EffectId,
  end: {
    readonly result: EffectResult;
    readonly atMs: number;
    readonly vault: { readonly id: VaultId; readonly state: VaultState } | null;
  },
): void {
  const { result, atMs, vault } = end;
  const effect = findEffectRow(sql, id);
  if (effect === null || effect.state === "done") return;
  sql.run(
    `UPDATE effects SET state = 'done', result = :result, finished_at_ms = :atMs, next_attempt_at_ms = NULL
     WHERE id = :id`,
    { id, result, atMs },
  );
  if (vault !== null) moveVaultRow(sql, vault.id, vault.state);
  const { actor, decisionId } = effect;
  const about = { decisionId, effectId: id, vaultId: vault?.id ?? null };
  addAction(sql, { atMs, actor, action: `effect.${result}`, ...about });
}

export function postponeEffect(sql: Sql, id: EffectId, failure: Failure): void {
  sql.run(
    `UPDATE effects SET attempts = attempts + 1, failure_code = :code, failure_message = :message,
       next_attempt_at_ms = :nextAttemptAtMs WHERE id = :id AND state <> 'done'`,
    { id, ...failure },
  );
}
