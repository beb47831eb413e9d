import type { Classified, EnsembleInfo } from "@sluice/contracts";
import type { Finding } from "./decide.ts";
import type { ForbiddenRule, Policy } from "./policy-schema.ts";

/**
 * Thresholds of which an image that left a cascade early says nothing: it left because its scores were clear of the cascade's own
 * thresholds, and members that did not run might have been on the other side of this one.
 */
export function findUnwatched(
  policy: Policy,
  { cascade }: Classified,
  ensemble: EnsembleInfo,
): readonly Finding[] {
  if (cascade === undefined || cascade.stage >= cascade.stages) return [];
  const watched = ensemble.cascade?.thresholds ?? [];
  return policy.forbidden.flatMap((rule) => {
    const { label, classId } = rule;
    const target = label === undefined ? { classId } : { label };
    return thresholdsOf(rule)
      .filter((threshold) => !watched.some((w) => w.threshold === threshold && isSame(rule, w)))
      .map((threshold): Finding => {
        const about = { ...target, threshold, ...cascade };
        return { decision: "review", rule: { kind: "left-early", ...about } };
      });
  });
}

function thresholdsOf({ quarantine, review }: ForbiddenRule): readonly number[] {
  return [quarantine, review].filter((threshold) => threshold !== undefined);
}

function isSame(
  { label, classId }: ForbiddenRule,
  watched: { readonly label: string; readonly classId: number },
): boolean {
  return label === undefined ? watched.classId === classId : watched.label === label;
}
