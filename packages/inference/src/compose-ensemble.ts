import type { EnsembleName } from "@sluice/contracts";
import { composeCascade, type CascadeParts } from "./cascade/compose-cascade.ts";
import { planStages } from "./cascade/plan-stages.ts";
import { EnsembleInvalidError } from "./ensemble-invalid-error.ts";
import { deriveEnsembleDigest, type Ensemble, type LabelSet, type Member } from "./ensemble.ts";
import type { Frames } from "./frames.ts";
import type { FusionRule } from "./fusion/fusion-rule.ts";
import type { PixelSpec } from "./ports.ts";
import type { Views } from "./views.ts";

/** What is known of a member when its model directory has been read. */
export interface MemberFacts extends Omit<Member, "set"> {
  /** Name of its label set; null: members with the same labels share one that is not named. */
  readonly set: string | null;
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
  /** Per stage the indices of the specs that its members take. */
  readonly specsOfStages: readonly (readonly number[])[];
}

/**
 * Puts members together. Members with different labels need the names of label sets: a forgotten name and a wrong
 * `config.json` look the same, and a policy has to say which set it means.
 *
 * @throws EnsembleInvalidError when there is no member, labels differ within a set, a member has no room for the views, or the
 * cascade does not fit the members
 */
export function composeEnsemble(parts: {
  readonly name: EnsembleName;
  readonly members: readonly MemberFacts[];
  readonly fusion: FusionRule;
  readonly views: Views;
  readonly frames: Frames;
  /** Index of a member. */
  readonly embeddings?: number | undefined;
  readonly scoreFloor: number;
  readonly cascade?: CascadeParts | undefined;
}): ComposedEnsemble {
  const { name, fusion, views, frames, embeddings, scoreFloor } = parts;
  if (parts.members.length === 0) {
    throw new EnsembleInvalidError("an ensemble needs at least one member");
  }
  if (views === "five-crop") requireRoomForCrops(parts.members);
  const sets = collectSets(parts.members);
  const members = parts.members.map(({ model, digest, weight, temperature, set }): Member => {
    const index = sets.findIndex((known) => known.name === set || sets.length === 1);
    return { model, digest, weight, temperature, set: index };
  });
  const labels = sets.flatMap((set) => set.labels.map((label) => nameLabel(set, label)));
  const models = members.map(({ model }) => model);
  const cascade = parts.cascade && composeCascade(parts.cascade, { models, labels, embeddings });
  const digest = deriveEnsembleDigest({
    members,
    sets,
    fusion,
    views,
    frames,
    embeddings,
    scoreFloor,
    cascade,
  });
  const ensemble: Ensemble = {
    name,
    digest,
    labels,
    sets,
    members,
    fusion,
    views,
    frames,
    scoreFloor,
    ...(embeddings !== undefined && { embeddings }),
    ...(cascade !== undefined && { cascade }),
  };
  const { specs, specOfMember } = collectSpecs(parts.members);
  const withViews = specs.map((spec) => (views === "center" ? spec : { ...spec, views }));
  const specsOfStages = planStages(ensemble).map((stage) =>
    stage.members.map((m) => specOfMember[m] ?? 0),
  );
  return { ensemble, specs: withViews, specOfMember, specsOfStages };
}

/** Five times the time for five times the same pixels is refused rather than spent. */
function requireRoomForCrops(members: readonly MemberFacts[]): void {
  for (const { model, spec } of members) {
    const { fit, resize, width, height } = spec;
    if (fit === "shortest-edge" && resize > Math.min(width, height)) continue;
    const sizes = fit === "stretch" ? "stretches" : `resizes to ${resize} and crops to`;
    throw new EnsembleInvalidError(
      `views: five-crop needs pictures that are resized to more than the crop, but ${model} ${sizes} ${width} x ${height}, where corners and middle are the same: choose views: center+flip or center, or take the member out`,
    );
  }
}

function collectSets(members: readonly MemberFacts[]): LabelSet[] {
  const names = [...new Set(members.map(({ set }) => set))];
  let offset = 0;
  return names.map((name) => {
    const labels = requireSameLabels(members.filter(({ set }) => set === name));
    if (name === null && names.length > 1) throw unnamedSet(members);
    const set = { name: names.length === 1 ? null : name, offset, labels };
    offset += labels.length;
    return set;
  });
}

function unnamedSet(members: readonly MemberFacts[]): EnsembleInvalidError {
  const unnamed = members.filter(({ set }) => set === null).map(({ model }) => model);
  return new EnsembleInvalidError(
    `some members have a label set and ${unnamed.join(", ")} has none: give every member a set, or none`,
  );
}

function nameLabel({ name }: LabelSet, label: string): string {
  return name === null ? label : `${name}/${label}`;
}

function collectSpecs(
  members: readonly MemberFacts[],
): Pick<ComposedEnsemble, "specs" | "specOfMember"> {
  const specs: PixelSpec[] = [];
  const specOfMember = members.map(({ spec }) => {
    const known = specs.findIndex((other) => isSameSpec(other, spec));
    return known === -1 ? specs.push(spec) - 1 : known;
  });
  return { specs, specOfMember };
}

function requireSameLabels([first, ...others]: readonly MemberFacts[]): readonly string[] {
  if (first === undefined) return [];
  for (const other of others) {
    const at = firstDifference(first.labels, other.labels);
    if (at === null) continue;
    const [a, b] = [first.labels[at] ?? "(none)", other.labels[at] ?? "(none)"];
    throw new EnsembleInvalidError(
      `members of one label set must have the same labels in the same order, but class ${at} is "${a}" in ${first.model} and "${b}" in ${other.model}: correct config.json of one, or give the members label sets of their own (set: <name>)`,
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
