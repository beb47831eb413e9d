import type { Classification, Classified, EnsembleInfo } from "@sluice/contracts";
import { applyForbidden } from "./apply-forbidden.ts";
import { findUnwatched } from "./find-unwatched.ts";
import { unscannableAction, type Policy, type PolicyAction } from "./policy-schema.ts";
import type { Decision, Rule } from "./rule.ts";

export interface DecisionContext {
  /** The ensemble that classified; null when no worker has told what it consists of. */
  readonly ensemble: EnsembleInfo | null;
  /** A person has let this very content go under this policy. */
  readonly isExempt: boolean;
}

export interface Decided {
  readonly decision: Decision;
  /** The strongest rule that fired; the first among equals. */
  readonly rule: Rule;
  /** All that fired, strongest first; at least one. */
  readonly fired: readonly Rule[];
}

/** A rule that fired, with the least decision that it demands. */
export interface Finding {
  readonly decision: PolicyAction;
  readonly rule: Rule;
}

/**
 * Applies a policy to a classification. Total and pure. What cannot be judged as written (a label that the
 * ensemble does not know, a score that is no number) becomes `review`, never `allow`; a higher score never
 * weakens the decision.
 */
export function decide(
  policy: Policy,
  classification: Classification,
  { ensemble, isExempt }: DecisionContext,
): Decided {
  if (classification.kind === "gone")
    return single("gone", { kind: "gone", reason: classification.reason });
  if (isExempt) return single("allow", { kind: "exemption" });
  if (classification.kind === "unscannable") {
    const { reason } = classification;
    return single(unscannableAction(policy, reason), { kind: "unscannable", reason });
  }
  return strongest(findings(policy, classification, ensemble));
}

function findings(
  policy: Policy,
  classified: Classified,
  ensemble: EnsembleInfo | null,
): readonly Finding[] {
  const invalid = classified.scores.find(({ score }) => !(score >= 0 && score <= 1));
  const { verdicts, nearest } = applyForbidden(policy, classified.scores, ensemble);
  const found: Finding[] = [...verdicts];
  if (ensemble !== null) found.push(...findUnwatched(policy, classified, ensemble));
  if (classified.isDamaged) found.push({ decision: policy.damaged, rule: { kind: "damaged" } });
  const { frames, framesSeen: seen = frames } = classified;
  if (seen < frames)
    found.push({ decision: policy.unseenFrames, rule: { kind: "unseen-frames", seen, frames } });
  if (ensemble === null) found.push({ decision: "review", rule: { kind: "unknown-ensemble" } });
  if (classified.scores.length === 0)
    found.push({ decision: "review", rule: { kind: "no-scores" } });
  if (invalid !== undefined)
    found.push({ decision: "review", rule: { kind: "invalid-score", label: invalid.label } });
  found.push({ decision: "allow", rule: { kind: "nothing-forbidden", nearest } });
  return found;
}

const STRENGTH = { allow: 0, review: 1, quarantine: 2 } as const;

function strongest(found: readonly Finding[]): Decided {
  const ordered = found.toSorted((a, b) => STRENGTH[b.decision] - STRENGTH[a.decision]);
  const [first] = ordered;
  if (first === undefined) throw new Error("at least one rule always fires");
  const fired = ordered.filter(({ rule }) => rule.kind !== "nothing-forbidden");
  return {
    decision: first.decision,
    rule: first.rule,
    fired: fired.length === 0 ? [first.rule] : fired.map(({ rule }) => rule),
  };
}

function single(decision: Decision, rule: Rule): Decided {
  return { decision, rule, fired: [rule] };
}
