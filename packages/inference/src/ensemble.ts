import { createHash } from "node:crypto";
import {
  sha256Schema,
  type EnsembleName,
  type LabelScore,
  type MemberScores,
  type Sha256,
} from "@sluice/contracts";

export interface Member {
  /** Name for people: the model directory's. */
  readonly model: string;
  readonly digest: Sha256;
  /** Relative weight, above 0. */
  readonly weight: number;
}

/** Members over one set of labels, fused by their weighted mean probability. */
export interface Ensemble {
  readonly name: EnsembleName;
  readonly digest: Sha256;
  /** In the order of class ids. */
  readonly labels: readonly string[];
  readonly members: readonly Member[];
  /** Scores below this are left out of outcomes. */
  readonly scoreFloor: number;
}

/** Identity of everything that decides the scores; a change of any part gives another digest. */
export function deriveEnsembleDigest(parts: {
  readonly members: readonly Member[];
  readonly scoreFloor: number;
}): Sha256 {
  const content = {
    fusion: "mean",
    scoreFloor: parts.scoreFloor,
    members: parts.members.map(({ digest, weight }) => [digest, weight]),
  };
  return sha256Schema.parse(createHash("sha256").update(JSON.stringify(content)).digest("hex"));
}

/** Scores of one image: fused, and each member's own. */
export interface ImageScores {
  readonly fused: LabelScore[];
  readonly members: MemberScores[];
}

/**
 * Fuses the rows of one image. For an animation each label's score is the highest over its frames, with the
 * frame that gave it: the worst frame decides.
 *
 * @param rows per frame, per member, the probabilities of all classes
 * @returns null when a number is not a probability: a broken model must never look like a clean picture
 */
export function fuseRows(
  ensemble: Ensemble,
  rows: readonly (readonly Float32Array[])[],
): ImageScores | null {
  const isWhole = (row: readonly Float32Array[]): boolean =>
    row.length === ensemble.members.length &&
    row.every((scores) => scores.length === ensemble.labels.length && !hasBrokenNumber(scores));
  if (rows.length === 0 || !rows.every(isWhole)) return null;
  const total = ensemble.members.reduce((sum, { weight }) => sum + weight, 0);
  const fused = rows.map((row) =>
    Float64Array.from(ensemble.labels, (_, label) =>
      ensemble.members.reduce(
        (sum, { weight }, member) => sum + (weight / total) * (row[member]?.[label] ?? 0),
        0,
      ),
    ),
  );
  return {
    fused: strongestFrames(ensemble, fused),
    members: ensemble.members.map(({ model, digest }, member) => ({
      model,
      digest,
      scores: strongestFrames(
        ensemble,
        rows.map((row) => row[member] ?? new Float32Array()),
      ),
    })),
  };
}

/** Probabilities may leave 0 to 1 by rounding only. */
const ROUNDING = 1e-3;

function hasBrokenNumber(scores: Float32Array): boolean {
  return scores.some((score) => !(score >= -ROUNDING && score <= 1 + ROUNDING));
}

function strongestFrames(
  { labels, scoreFloor }: Ensemble,
  frames: readonly ArrayLike<number>[],
): LabelScore[] {
  const scores: LabelScore[] = [];
  for (const [classId, label] of labels.entries()) {
    let frame = 0;
    for (const [i, row] of frames.entries()) {
      if ((row[classId] ?? 0) > (frames[frame]?.[classId] ?? 0)) frame = i;
    }
    const score = Math.min(1, Math.max(0, frames[frame]?.[classId] ?? 0));
    if (score < scoreFloor) continue;
    scores.push({ label, classId, score: round(score), ...(frames.length > 1 && { frame }) });
  }
  return scores.sort((a, b) => b.score - a.score || a.classId - b.classId);
}

/** Six digits are more than float32 holds and keep the payload small. */
function round(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
