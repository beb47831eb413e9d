import { MAX_ANSWER_SCORES, type Answer } from "@sluice/contracts";
import type { DecisionRecord } from "./decision-record.ts";
import type { Effect } from "./effect.ts";
import type { EffectId } from "./ids.ts";
import type { ModerationRecords } from "./records.ts";

/** What was decided, by effect, read from the records: also of decisions that were made before a restart. */
export async function findAnswers(
  effects: readonly Effect[],
  records: Pick<ModerationRecords, "findDecision">,
): Promise<Map<EffectId, Answer>> {
  const answers = new Map<EffectId, Answer>();
  for (const { id, decisionId } of effects) {
    const record = await records.findDecision(decisionId);
    if (record !== null) answers.set(id, toAnswer(record));
  }
  return answers;
}

/** A decision in the words of those who wait for it. */
export function toAnswer(record: DecisionRecord): Answer {
  const { decision, rule, classification, ensembleDigest, classifiedAtMs, decidedAtMs } = record;
  return {
    decision,
    rule: {
      kind: rule.kind,
      ...("label" in rule && rule.label !== undefined && { label: rule.label }),
      ...("score" in rule && { score: rule.score }),
      ...("threshold" in rule && { threshold: rule.threshold }),
    },
    unscannable: classification.kind === "unscannable" ? classification.reason : null,
    scores:
      classification.kind === "classified" ? classification.scores.slice(0, MAX_ANSWER_SCORES) : [],
    ensembleDigest,
    classifiedAtMs,
    decidedAtMs,
  };
}
