import type { EnsembleName } from "@sluice/contracts";
import { deriveEnsembleDigest, type Ensemble, type Member } from "./ensemble.ts";
import type { PixelSpec } from "./ports.ts";

/** Thrown when members cannot work together; the configuration or a model directory must be corrected. */
export class EnsembleInvalidError extends Error {
  override readonly name = "EnsembleInvalidError";
  readonly code = "ENSEMBLE_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** What is known of a member when its model directory has been read. */
export interface MemberFacts extends Member {
  /** In the order of class ids. */
  readonly labels: readonly string[];
  readonly spec: PixelSpec;
}

export interface ComposedEnsemble {
  readonly ensemble: Ensemble;
  /** Distinct pixels that the members take: each picture is rendered once per spec. */
  readonly specs: readonly PixelSpec[];
  /** Per member the index of its spec. */
  readonly specOfMember: readonly number[];
}

/**
 * Puts members together.
 *
 * @throws EnsembleInvalidError when there is none, or they have different labels
 */
export function composeEnsemble(parts: {
  readonly name: EnsembleName;
  readonly members: readonly MemberFacts[];
  readonly scoreFloor: number;
}): ComposedEnsemble {
  const { name, scoreFloor } = parts;
  const labels = requireSameLabels(parts.members);
  const members = parts.members.map(({ model, digest, weight }) => ({ model, digest, weight }));
  const digest = deriveEnsembleDigest({ members, scoreFloor });
  const specs: PixelSpec[] = [];
  const specOfMember = parts.members.map(({ spec }) => {
    const known = specs.findIndex((other) => isSameSpec(other, spec));
    return known === -1 ? specs.push(spec) - 1 : known;
  });
  return { ensemble: { name, digest, labels, members, scoreFloor }, specs, specOfMember };
}

function requireSameLabels([first, ...others]: readonly MemberFacts[]): readonly string[] {
  if (first === undefined) throw new EnsembleInvalidError("an ensemble needs at least one member");
  for (const other of others) {
    const at = firstDifference(first.labels, other.labels);
    if (at === null) continue;
    const [a, b] = [first.labels[at] ?? "(none)", other.labels[at] ?? "(none)"];
    throw new EnsembleInvalidError(
      `members of one ensemble must have the same labels in the same order, but class ${at} is "${a}" in ${first.model} and "${b}" in ${other.model}: correct config.json of one, or make two ensembles`,
    );
  }
  return first.labels;
}

function firstDifference(a: readonly string[], b: readonly string[]): number | null {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) return i;
  }
  return null;
}

function isSameSpec(a: PixelSpec, b: PixelSpec): boolean {
  return (
    a.fit === b.fit &&
    a.resize === b.resize &&
    a.height === b.height &&
    a.width === b.width &&
    a.interpolation === b.interpolation
  );
}
