import {
  contentOf,
  immediateResult,
  repeatRule,
  type Effect,
  type NewDecision,
  type RecordedEffect,
} from "@sluice/moderation";
import { addAction } from "./action-rows.ts";
import { claimEffect, type Claim, type IsAlive } from "./claims.ts";
import { effectOfDecision, insertEffect, reopenEffect } from "./effect-rows.ts";
import { parseDecisionRow, DECISION_COLUMNS } from "./rows.ts";
import type { Sql } from "./sql.ts";

/** Writes one decision with its effect, or finds the one that stands; inside the caller's transaction. */
export function recordDecision(
  sql: Sql,
  incoming: NewDecision,
  { claim, isAlive }: { readonly claim: Claim; readonly isAlive: IsAlive },
): RecordedEffect {
  const ours = (effect: Effect) => ({ effect, isOurs: true });
  if (insertDecision(sql, incoming)) return ours(insertFirstEffect(sql, incoming, claim));
  const { root, path, version, policyDigest } = incoming.record;
  const key = { root, path, version, policyDigest };
  const existing = parseDecisionRow(
    sql.get(
      `SELECT ${DECISION_COLUMNS} FROM decisions d
       WHERE root = :root AND path = :path AND version = :version AND policy_digest = :policyDigest`,
      key,
    ),
  );
  const effect = effectOfDecision(sql, existing.id);
  if (effect === null) throw new Error(`decision ${existing.id} has no effect`);
  const standing = { decision: existing.decision, result: effect.result };
  const rule = repeatRule(standing, incoming.record.decision);
  switch (rule) {
    case "keep":
      return { effect, isOurs: claimEffect(sql, effect, { claim, isAlive }) };
    case "reopen":
      return ours(reopenEffect(sql, effect, claim));
    case "supersede":
      sql.run(`DELETE FROM effects WHERE decision_id = :id`, { id: existing.id });
      sql.run(`DELETE FROM decisions WHERE id = :id`, { id: existing.id });
      insertDecision(sql, incoming);
      return ours(insertFirstEffect(sql, incoming, claim));
    default:
      return rule satisfies never;
  }
}

function insertFirstEffect(
  sql: Sql,
  { record, effectId, plan }: NewDecision,
  claim: Claim,
): Effect {
  const { source, chunkId, root, path, version } = record;
  const result = immediateResult(plan);
  const effect: Effect = {
    id: effectId,
    decisionId: record.id,
    plan,
    state: result === null ? "pending" : "done",
    result,
    actor: "policy",
    attempts: 0,
    source,
    chunkId,
    root,
    path,
    version,
    sha256: contentOf(record.classification),
  };
  insertEffect(sql, effect, claim);
  if (result !== null) {
    const about = { decisionId: record.id, effectId, vaultId: null };
    addAction(sql, { atMs: claim.atMs, actor: "policy", action: `effect.${result}`, ...about });
  }
  return effect;
}

/** False when a decision on the same root, path, version and policy digest is there already. */
function insertDecision(sql: Sql, { record }: NewDecision): boolean {
  const { classification, rule, fired, ...plain } = record;
  const changes = sql.run(
    `INSERT OR IGNORE INTO decisions
       (id, decided_at_ms, source, root, path, version, size_bytes, chunk_id, policy, policy_digest, ensemble,
        ensemble_digest, worker, classified_at_ms, sha256, classification, decision, rule, fired)
     VALUES
       (:id, :decidedAtMs, :source, :root, :path, :version, :sizeBytes, :chunkId, :policy, :policyDigest, :ensemble,
        :ensembleDigest, :worker, :classifiedAtMs, :sha256, :classification, :decision, :rule, :fired)`,
    {
      ...plain,
      sha256: contentOf(classification),
      classification: JSON.stringify(classification),
      rule: JSON.stringify(rule),
      fired: JSON.stringify(fired),
    },
  );
  return changes === 1;
}
