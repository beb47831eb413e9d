import type { DecisionView } from "@sluice/storage";
import { explainRule } from "./explain-rule.ts";

/** The stable JSON form of a decision: everything that explains it. Times are ISO 8601. */
export function decisionJson({ record, effect, failure }: DecisionView): object {
  const { decidedAtMs, classifiedAtMs, ...rest } = record;
  return {
    ...rest,
    decidedAt: new Date(decidedAtMs).toISOString(),
    classifiedAt: new Date(classifiedAtMs).toISOString(),
    why: explainRule(record.rule),
    effect: {
      id: effect.id,
      kind: effect.plan.kind,
      state: effect.state,
      result: effect.result,
      actor: effect.actor,
      attempts: effect.attempts,
      failure,
    },
  };
}
