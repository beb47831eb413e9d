import type { DecisionId, EffectId, VaultId } from "@sluice/moderation";
import type { Sql } from "./sql.ts";

export interface ActionRow {
  readonly atMs: number;
  readonly actor: string;
  /** `noun.past_verb`, for example `review.approved`, `effect.published`. */
  readonly action: string;
  readonly decisionId: DecisionId;
  readonly effectId: EffectId | null;
  readonly vaultId: VaultId | null;
}

/** Appends to the log of actions, which is never changed. */
export function addAction(sql: Sql, row: ActionRow): void {
  sql.run(
    `INSERT INTO actions (at_ms, actor, action, decision_id, effect_id, vault_id)
     VALUES (:atMs, :actor, :action, :decisionId, :effectId, :vaultId)`,
    { ...row },
  );
}
