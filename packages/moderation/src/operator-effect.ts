import type { DecisionRecord } from "./decision-record.ts";
import { contentOf } from "./decision-record.ts";
import type { Effect, EffectPlan, EffectResult } from "./effect.ts";
import type { EffectRunner } from "./effect-runner.ts";
import { EffectFailedError } from "./errors.ts";
import { newEffectId, type TokenSource } from "./ids.ts";
import type { ModerationRecords, NewEffect } from "./records.ts";
import type { OnStep } from "./steps.ts";

export interface OperatorOptions {
  readonly records: ModerationRecords;
  readonly runner: EffectRunner;
  readonly nextToken: TokenSource;
  readonly now: () => number;
  /** Who acts; stands in the records. */
  readonly actor: string;
  readonly onStep: OnStep;
}

export interface OperatorRequest {
  readonly decision: DecisionRecord;
  readonly action: string;
  readonly plan: EffectPlan;
  /** Whether the judged content is allowed under the same policy from now on. */
  readonly isExempting: boolean;
  readonly vault: NewEffect["vault"];
}

export interface OperatorOutcome {
  readonly effect: Effect;
  readonly result: EffectResult;
}

/**
 * Records what a person asked for (with the exemption, in one transaction) and carries it out.
 * Throws EffectInProgressError, and EffectFailedError when it has to be retried.
 */
export async function runOperatorEffect(
  { decision, action, plan, isExempting, vault }: OperatorRequest,
  { records, runner, nextToken, now, actor, onStep }: OperatorOptions,
): Promise<OperatorOutcome> {
  const sha256 = contentOf(decision.classification);
  const { policyDigest } = decision;
  const effect = await records.begin({
    id: newEffectId(nextToken),
    decisionId: decision.id,
    atMs: now(),
    exempt: isExempting && sha256 !== null ? { sha256, policyDigest } : null,
    plan,
    actor,
    action,
    vault,
  });
  onStep("record.begun");
  const [outcome] = await runner.run([effect]);
  if (outcome?.kind !== "done")
    throw new EffectFailedError(effect.id, outcome?.failure.message ?? "it was not carried out");
  return { effect, result: outcome.result };
}
