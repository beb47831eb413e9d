import type { EnsembleName, PolicyName } from "@sluice/contracts";
import type { Policy } from "@sluice/policy";
import type { SluiceConfig } from "./sluice-config.ts";

/**
 * An image that left a cascade early was judged by the cascade's thresholds alone; a policy with another threshold would make each of
 * them wait for a person. Labels by class id are known when models are read: such rules are checked at every decision.
 */
export function checkCascades({ policies, sources, ensembles }: SluiceConfig): string[] {
  const problems = sources.flatMap(({ policy, ensemble }) => {
    const cascade = ensembles.get(ensemble)?.cascade ?? null;
    const rules = policies.get(policy)?.forbidden ?? [];
    if (cascade === null) return [];
    return rules.flatMap((rule, i) =>
      unwatched(rule, cascade.exits).map((problem) =>
        describe(problem, { policy, rule: i, ensemble }),
      ),
    );
  });
  // Several sources may share a policy and an ensemble.
  return [...new Set(problems)];
}

interface Unwatched {
  readonly level: "quarantine" | "review";
  readonly label: string;
  readonly threshold: number;
}

function unwatched(
  rule: Policy["forbidden"][number],
  exits: readonly { readonly label: string; readonly threshold: number }[],
): readonly Unwatched[] {
  const { label } = rule;
  if (label === undefined) return [];
  return (["quarantine", "review"] as const).flatMap((level) => {
    const threshold = rule[level];
    if (threshold === undefined) return [];
    const isWatched = exits.some((exit) => exit.label === label && exit.threshold === threshold);
    return isWatched ? [] : [{ level, label, threshold }];
  });
}

function describe(
  { level, label, threshold }: Unwatched,
  { policy, rule, ensemble }: { policy: PolicyName; rule: number; ensemble: EnsembleName },
): string {
  return `policies.${policy}.forbidden[${rule}].${level} and ensembles.${ensemble}.cascade.exits: the cascade was not tuned for ${label} at ${threshold}, so every image that leaves it early would wait for a person; run "sluice ensemble tune" again, or take the cascade out`;
}
