import type { Effect } from "@sluice/moderation";
import { z } from "zod";
import { EFFECT_COLUMNS, parseEffectRow } from "./rows.ts";
import type { Sql } from "./sql.ts";

/** Who carries an effect out, and when he last said so. */
export interface Claim {
  /** As `ownIdentity` gives it. */
  readonly by: string;
  readonly atMs: number;
}

export type IsAlive = (claim: Claim) => boolean;

const claimSchema = z.object({ by: z.string(), atMs: z.number() });

/** Claims an effect if nobody alive works on it; true when it is ours, or done, which needs no work. */
export function claimEffect(
  sql: Sql,
  effect: Effect,
  { claim, isAlive }: { readonly claim: Claim; readonly isAlive: IsAlive },
): boolean {
  if (effect.state === "done") return true;
  const row = sql.get(
    `SELECT claimed_by AS "by", claimed_at_ms AS atMs FROM effects WHERE id = :id`,
    {
      id: effect.id,
    },
  );
  const known = claimSchema.parse(row);
  if (known.by !== claim.by && isAlive(known)) return false;
  setClaim(sql, effect, claim);
  return true;
}

/** Claims what nobody alive works on; see `ModerationRecords.takeOver`. */
export function takeOverEffects(
  sql: Sql,
  {
    dueAtMs,
    limit,
    claim,
    isAlive,
  }: {
    readonly dueAtMs: number | null;
    readonly limit: number;
    readonly claim: Claim;
    readonly isAlive: IsAlive;
  },
): readonly Effect[] {
  // Our own without a time for the next attempt are under way right now, unless we have only just started.
  const rows = sql.all(
    `SELECT ${EFFECT_COLUMNS}, e.claimed_by AS "by", e.claimed_at_ms AS atMs
     FROM effects e JOIN decisions d ON d.id = e.decision_id
     WHERE e.state <> 'done' AND (:dueAtMs IS NULL OR e.next_attempt_at_ms <= :dueAtMs
       OR (e.claimed_by <> :self AND e.next_attempt_at_ms IS NULL))
     ORDER BY e.next_attempt_at_ms, e.rowid LIMIT :limit`,
    { dueAtMs, limit, self: claim.by },
  );
  const lives = remember(isAlive);
  const free = rows.filter((row) => {
    const known = claimSchema.parse(row);
    return known.by === claim.by || !lives(known);
  });
  const effects = free.map((row) => parseEffectRow(row));
  for (const effect of effects) setClaim(sql, effect, claim);
  return effects;
}

export function renewClaims(sql: Sql, claim: Claim): void {
  sql.run(`UPDATE effects SET claimed_at_ms = :atMs WHERE claimed_by = :by AND state <> 'done'`, {
    ...claim,
  });
}

function setClaim(sql: Sql, { id }: Effect, claim: Claim): void {
  sql.run(`UPDATE effects SET claimed_by = :by, claimed_at_ms = :atMs WHERE id = :id`, {
    id,
    ...claim,
  });
}

/** Asks once per claim, because asking reads /proc. */
function remember(isAlive: IsAlive): IsAlive {
  const answers = new Map<string, boolean>();
  return (claim) => {
    const key = `${claim.by} ${claim.atMs}`;
    const known = answers.get(key) ?? isAlive(claim);
    answers.set(key, known);
    return known;
  };
}
