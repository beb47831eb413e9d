import type { LabelScore, MemberScores } from "@sluice/contracts";
import type { Ensemble, LabelSet, Member } from "../ensemble.ts";
import { countViews } from "../views.ts";
import { averageViews } from "./average-views.ts";
import { fuseMembers } from "./fuse-members.ts";
import type { FusionRule } from "./fusion-rule.ts";
import { temper } from "./temper.ts";

/** Scores of one image: fused, and each member's own. */
export interface ImageScores {
  readonly fused: LabelScore[];
  readonly members: MemberScores[];
}

/**
 * Fuses the rows of one image: the mean over the views of a frame, then the members. For an animation each label's score is the highest over its frames, with the
 * frame that gave it: the worst frame decides. Members' own scores are told as they are fused, tempered.
 *
 * @param rows per frame and view, per member, the probabilities of the labels of its set
 * @returns null when a number is not a probability: a broken model must never look like a clean picture
 */
export function fuseRows(
  ensemble: Ensemble,
  rows: readonly (readonly Float32Array[])[],
): ImageScores | null {
  if (rows.length === 0 || !rows.every((row) => isWhole(ensemble, row))) return null;
  const frames = averageViews(rows, countViews(ensemble.views));
  const tempered = frames.map((row) =>
    ensemble.members.map(({ temperature }, m) => temper(row[m] ?? new Float32Array(), temperature)),
  );
  if (isOwnFusion(ensemble)) {
    const scores = sort(strongestFrames(ensemble, ensemble.sets[0], tempered.map(first)));
    return { fused: scores, members: ensemble.members.map((member) => tell(member, scores)) };
  }
  const fused = ensemble.sets.flatMap((set, index) =>
    strongestFrames(
      ensemble,
      set,
      tempered.map((row) => fuseSet(ensemble, index, row)),
    ),
  );
  return {
    fused: sort(fused),
    members: ensemble.members.map((member, m) => {
      const rowsOfMember = tempered.map((row) => row[m] ?? []);
      return tell(member, sort(strongestFrames(ensemble, setOf(ensemble, member), rowsOfMember)));
    }),
  };
}

/** One member, whose probabilities the rule leaves as they are: what is fused and what the member gave are one list. */
function isOwnFusion({ members, fusion }: Ensemble): boolean {
  return members.length === 1 && LEAVES_ONE_AS_IT_IS[fusion];
}

const LEAVES_ONE_AS_IT_IS: Readonly<Record<FusionRule, boolean>> = {
  mean: true,
  weighted: true,
  max: true,
  geometric: false,
  vote: false,
};

function first(row: readonly ArrayLike<number>[]): ArrayLike<number> {
  return row[0] ?? [];
}

function tell({ model, digest }: Member, scores: LabelScore[]): MemberScores {
  return { model, digest, scores };
}

function fuseSet(
  { members, fusion, sets }: Ensemble,
  index: number,
  row: readonly ArrayLike<number>[],
): Float64Array {
  const rows = members.flatMap(({ set, weight }, m) =>
    set === index ? [{ probabilities: row[m] ?? [], weight }] : [],
  );
  return fuseMembers(fusion, rows, sets[index]?.labels.length ?? 0);
}

function setOf({ sets }: Ensemble, member: Member): LabelSet {
  return sets[member.set] ?? { name: null, offset: 0, labels: [] };
}

function isWhole(ensemble: Ensemble, row: readonly Float32Array[]): boolean {
  return (
    row.length === ensemble.members.length &&
    ensemble.members.every((member, m) => {
      const scores = row[m];
      const { labels } = setOf(ensemble, member);
      return scores?.length === labels.length && !hasBrokenNumber(scores);
    })
  );
}

/** Probabilities may leave 0 to 1 by rounding only. */
const ROUNDING = 1e-3;

function hasBrokenNumber(scores: Float32Array): boolean {
  return scores.some((score) => !(score >= -ROUNDING && score <= 1 + ROUNDING));
}

/** Only what reaches the floor is rounded, named and, later, sorted: of a thousand labels most do not. */
function strongestFrames(
  { labels, scoreFloor }: Ensemble,
  set: LabelSet | undefined,
  frames: readonly ArrayLike<number>[],
): LabelScore[] {
  const scores: LabelScore[] = [];
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

function strongestFrame(frames: readonly ArrayLike<number>[], label: number): number {
  let strongest = 0;
  for (const [f, row] of frames.entries()) {
    if ((row[label] ?? 0) > (frames[strongest]?.[label] ?? 0)) strongest = f;
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
