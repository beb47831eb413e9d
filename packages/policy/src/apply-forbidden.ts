import type { EnsembleInfo, LabelScore } from "@sluice/contracts";
import type { Finding } from "./decide.ts";
import type { ForbiddenRule, Policy } from "./policy-schema.ts";

type Nearest = { readonly label: string; readonly score: number; readonly threshold: number };

interface Applied {
  readonly verdicts: readonly Finding[];
  /** The forbidden label that came closest to its lowest threshold without reaching it. */
  readonly nearest: Nearest | null;
}

/** Compares the fused scores with every forbidden label's thresholds. */
export function applyForbidden(
  policy: Policy,
  scores: readonly LabelScore[],
  ensemble: EnsembleInfo | null,
): Applied {
  const verdicts: Finding[] = [];
  let nearest: Nearest | null = null;
  for (const rule of policy.forbidden) {
    if (ensemble !== null) verdicts.push(...unusable(rule, ensemble));
    for (const score of scores.filter((candidate) => matches(rule, candidate))) {
      const fired = compare(rule, score);
      if (fired !== null) verdicts.push(fired);
      else nearest = closer(nearest, rule, score);
    }
  }
  return { verdicts, nearest };
}

/** Findings about a rule that this ensemble can never satisfy, so that its silence says nothing. */
function unusable(rule: ForbiddenRule, { labels, scoreFloor }: EnsembleInfo): readonly Finding[] {
  const { label, classId } = rule;
  const target = label === undefined ? { classId } : { label };
  const isKnown =
    label === undefined ? classId !== undefined && classId < labels.length : labels.includes(label);
  const found: Finding[] = [];
  if (!isKnown) found.push({ decision: "review", rule: { kind: "unknown-label", ...target } });
  const threshold = lowestThreshold(rule);
  if (threshold < scoreFloor) {
    const about = { ...target, threshold, scoreFloor };
    found.push({ decision: "review", rule: { kind: "threshold-below-floor", ...about } });
  }
  return found;
}

function matches(rule: ForbiddenRule, { label, classId }: LabelScore): boolean {
  return rule.label === undefined ? rule.classId === classId : rule.label === label;
}

function compare(rule: ForbiddenRule, { score, ...about }: LabelScore): Finding | null {
  for (const level of ["quarantine", "review"] as const) {
    const threshold = rule[level];
    if (threshold === undefined || !(score >= threshold)) continue;
    return { decision: level, rule: { kind: "forbidden", level, ...about, threshold, score } };
  }
  return null;
}

function closer(known: Nearest | null, rule: ForbiddenRule, { label, score }: LabelScore): Nearest {
  const threshold = lowestThreshold(rule);
  return known !== null && known.threshold - known.score <= threshold - score
    ? known
    : { label, score, threshold };
}

function lowestThreshold({ quarantine, review }: ForbiddenRule): number {
  return Math.min(quarantine ?? 1, review ?? 1);
}
