import { nearestName, type SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";

/** Labels of each ensemble, in the order of class ids. */
export type EnsembleLabels = ReadonlyMap<EnsembleName, readonly string[]>;

/**
 * What policies forbid must be something that the models of their sources can find: a label with a typing error
 * would let everything pass, silently.
 */
export function findLabelProblems(
  config: Pick<SluiceConfig, "sources" | "policies">,
  labels: EnsembleLabels,
): readonly string[] {
  const problems = config.sources.flatMap(({ policy, ensemble }) => {
    const known = labels.get(ensemble);
    const forbidden = config.policies.get(policy)?.forbidden ?? [];
    if (known === undefined) return [];
    return forbidden.flatMap((rule, index) => {
      const problem = ruleProblem(rule, known, ensemble);
      return problem === null ? [] : [`policies.${policy}.forbidden[${index}].${problem}`];
    });
  });
  // Several sources may share a policy and an ensemble.
  return [...new Set(problems)];
}

interface Forbidden {
  readonly label?: string | undefined;
  readonly classId?: number | undefined;
}

function ruleProblem(
  { label, classId }: Forbidden,
  known: readonly string[],
  ensemble: EnsembleName,
): string | null {
  if (label !== undefined && !known.includes(label)) {
    const nearest = nearestName(label, known);
    const hint = nearest === null ? `it knows ${listSome(known)}` : `did you mean "${nearest}"?`;
    return `label: received "${label}", which ensemble "${ensemble}" does not know; ${hint}`;
  }
  if (classId !== undefined && classId >= known.length) {
    return `classId: expected 0 to ${known.length - 1}, the classes of ensemble "${ensemble}"; received ${classId}`;
  }
  return null;
}

const MAX_LISTED = 12;

function listSome(known: readonly string[]): string {
  const shown = known.slice(0, MAX_LISTED).map((label) => `"${label}"`);
  const more = known.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
