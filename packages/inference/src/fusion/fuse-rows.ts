import type { LabelScore, MemberScores } from "@sluice/contracts";
import type { Ensemble, LabelSet, Member } from "../ensemble.ts";
import { fuseFrames, isOwnFusion, type FusedFrame } from "./fuse-frames.ts";

/** Scores of one image: fused, and each member's own. */
export interface ImageScores {
  readonly fused: LabelScore[];
  readonly members: MemberScores[];
}

/**
 * Fuses the rows of one image: see `fuseFrames` and `strongestScores`.
 *
 * @param rows per frame and view, per member, the probabilities of the labels of its set
 * @returns null when a number is not a probability: a broken model must never look like a clean picture
 */
export function fuseRows(
  ensemble: Ensemble,
  rows: readonly (readonly Float32Array[])[],
): ImageScores | null {
  const frames = fuseFrames(ensemble, rows);
  return frames === null ? null : strongestScores(ensemble, frames);
}

/**
 * For an animation each label's score is the highest over its frames, with the frame that gave it: the worst frame decides.
 * Members' own scores are told as they are fused, tempered. Sets of which no member has run have no scores.
 */
export function strongestScores(ensemble: Ensemble, frames: readonly FusedFrame[]): ImageScores {
  const fused = sort(
    ensemble.sets.flatMap((set, index) =>
      strongestFrames(
        ensemble,
        set,
        frames.map(({ sets }) => sets[index] ?? null),
      ),
    ),
  );
  if (isOwnFusion(ensemble)) {
    return { fused, members: ensemble.members.map((member) => tell(member, fused)) };
  }
  return {
    fused,
    members: ensemble.members.map((member, m) => {
      const rowsOfMember = frames.map(({ members }) => members[m] ?? null);
      const scores = strongestFrames(ensemble, ensemble.sets[member.set], rowsOfMember);
      return tell(member, sort(scores));
    }),
  };
}

function tell({ model, digest }: Member, scores: LabelScore[]): MemberScores {
  return { model, digest, scores };
}

/** Only what reaches the floor is rounded, named and, later, sorted: of a thousand labels most do not. */
function strongestFrames(
  { labels, scoreFloor }: Ensemble,
  set: LabelSet | undefined,
  frames: readonly (ArrayLike<number> | null)[],
): LabelScore[] {
  const scores: LabelScore[] = [];
  if (frames.includes(null)) return scores;
  const { offset = 0, labels: own = [] } = set ?? {};
  for (let i = 0; i < own.length; i++) {
    const frame = frames.length === 1 ? 0 : strongestFrame(frames, i);
    const score = Math.min(1, Math.max(0, frames[frame]?.[i] ?? 0));
    if (score < scoreFloor) continue;
    const classId = offset + i;
    const label = labels[classId] ?? "";
    scores.push({ label, classId, score: round(score), ...(frames.length > 1 && { frame }) });
  }
  return scores;
}

function strongestFrame(frames: readonly (ArrayLike<number> | null)[], label: number): number {
  let strongest = 0;
  for (const [f, row] of frames.entries()) {
    if ((row?.[label] ?? 0) > (frames[strongest]?.[label] ?? 0)) strongest = f;
  }
  return strongest;
}

function sort(scores: LabelScore[]): LabelScore[] {
  return scores.sort((a, b) => b.score - a.score || a.classId - b.classId);
}

/** Six digits are more than float32 holds and keep the payload small. */
function round(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
