import { createHash } from "node:crypto";
import { sha256Schema, type EnsembleName, type Sha256 } from "@sluice/contracts";
import type { Cascade } from "./cascade/cascade.ts";
import type { Frames } from "./frames.ts";
import type { FusionRule } from "./fusion/fusion-rule.ts";
import type { Views } from "./views.ts";

export interface Member {
  /** Name for people: the model directory's. */
  readonly model: string;
  readonly digest: Sha256;
  /** Relative weight, above 0; rules that count all the same ignore it. */
  readonly weight: number;
  /** Softens its probabilities before they are fused; 1 leaves them as they are. */
  readonly temperature: number;
  /** Which of the ensemble's label sets it gives scores for. */
  readonly set: number;
}

/** Labels that some members share; each set is fused apart. */
export interface LabelSet {
  /** Null where the ensemble has one set only: its labels need no prefix. */
  readonly name: string | null;
  /** Class id of its first label in the ensemble. */
  readonly offset: number;
  /** As the models have them, in the order of class ids. */
  readonly labels: readonly string[];
}

/** Members and how their scores become one. */
export interface Ensemble {
  readonly name: EnsembleName;
  readonly digest: Sha256;
  /** Of all sets, in the order of class ids; `set/label` where there are several sets. */
  readonly labels: readonly string[];
  readonly sets: readonly LabelSet[];
  readonly members: readonly Member[];
  readonly fusion: FusionRule;
  /** Of every frame; members see each and their mean counts. */
  readonly views: Views;
  /** Of every animation; the worst of them decides. */
  readonly frames: Frames;
  /** Index of the member whose embeddings are part of the outcome; left out: none. */
  readonly embeddings?: number;
  /** Scores below this are left out of outcomes. */
  readonly scoreFloor: number;
  /** Left out: all members run for every image. */
  readonly cascade?: Cascade;
}

/** Identity of everything that decides what an outcome holds; a change of any part gives another digest. */
export function deriveEnsembleDigest(parts: {
  readonly members: readonly Member[];
  readonly sets: readonly Pick<LabelSet, "name">[];
  readonly fusion: FusionRule;
  readonly views: Views;
  readonly frames: Frames;
  readonly embeddings?: number | undefined;
  readonly scoreFloor: number;
  readonly cascade?: Cascade | undefined;
}): Sha256 {
  const content = {
    fusion: parts.fusion,
    scoreFloor: parts.scoreFloor,
    sets: parts.sets.map(({ name }) => name),
    members: parts.members.map(({ digest, weight, temperature, set }) => [
      digest,
      weight,
      temperature,
      set,
    ]),
    // Defaults stand for themselves: ensembles without other views or frames keep the digest that they have always had.
    ...(parts.views !== "center" && { views: parts.views }),
    ...(parts.frames !== "all" && { frames: parts.frames }),
    ...(parts.embeddings !== undefined && { embeddings: parts.embeddings }),
    ...(parts.cascade !== undefined && { cascade: canonicalCascade(parts.cascade) }),
  };
  return sha256Schema.parse(createHash("sha256").update(JSON.stringify(content)).digest("hex"));
}

function canonicalCascade({ stages, thresholds, agreement }: Cascade): unknown {
  return [
    agreement,
    thresholds.map(({ classId, threshold }) => [classId, threshold]),
    stages.map(({ members, margins }) => [
      members,
      margins?.map(({ below, above }) => [below, above]) ?? null,
    ]),
  ];
}
