import type { Ensemble } from "../ensemble.ts";
import { countViews } from "../views.ts";
import { averageViews } from "./average-views.ts";
import { fuseMembers } from "./fuse-members.ts";
import type { FusionRule } from "./fusion-rule.ts";
import { temper } from "./temper.ts";

/** Scores of one frame, the mean over its views. */
export interface FusedFrame {
  /** Per member its probabilities of the labels of its set, tempered. */
  readonly members: readonly ArrayLike<number>[];
  /** Per label set; null: no member gives scores for it. */
  readonly sets: readonly (ArrayLike<number> | null)[];
}

/**
 * Fuses the rows of one image, frame by frame: the mean over the views of a frame, then the members.
 *
 * @param rows per frame and view, per member, the probabilities of the labels of its set
 * @returns null when a number is not a probability: a broken model must never look like a clean picture
 */
export function fuseFrames(
  ensemble: Ensemble,
  rows: readonly (readonly Float32Array[])[],
): readonly FusedFrame[] | null {
  if (rows.length === 0 || !rows.every((row) => isWhole(ensemble, row))) return null;
  return averageViews(rows, countViews(ensemble.views)).map((row) => {
    const members = ensemble.members.map(({ temperature }, m) =>
      temper(row[m] ?? new Float32Array(), temperature),
    );
    return { members, sets: ensemble.sets.map((_, set) => fuseSet(ensemble, set, members)) };
  });
}

/** One member, whose probabilities the rule leaves as they are: what is fused and what the member gave are one list. */
export function isOwnFusion({ members, fusion }: Pick<Ensemble, "members" | "fusion">): boolean {
  return members.length === 1 && LEAVES_ONE_AS_IT_IS[fusion];
}

const LEAVES_ONE_AS_IT_IS: Readonly<Record<FusionRule, boolean>> = {
  mean: true,
  weighted: true,
  max: true,
  geometric: false,
  vote: false,
};

function fuseSet(
  { members, fusion, sets }: Ensemble,
  index: number,
  row: readonly ArrayLike<number>[],
): ArrayLike<number> | null {
  const rows = members.flatMap(({ set, weight }, m) =>
    set === index ? [{ probabilities: row[m] ?? [], weight }] : [],
  );
  const [only, ...others] = rows;
  if (only === undefined) return null;
  if (others.length === 0 && LEAVES_ONE_AS_IT_IS[fusion]) return only.probabilities;
  return fuseMembers(fusion, rows, sets[index]?.labels.length ?? 0);
}

function isWhole({ members, sets }: Ensemble, row: readonly Float32Array[]): boolean {
  return (
    row.length === members.length &&
    members.every(({ set }, m) => {
      const scores = row[m];
      return scores?.length === (sets[set]?.labels.length ?? 0) && !hasBrokenNumber(scores);
    })
  );
}

/** Probabilities may leave 0 to 1 by rounding only. */
const ROUNDING = 1e-3;

function hasBrokenNumber(scores: Float32Array): boolean {
  return scores.some((score) => !(score >= -ROUNDING && score <= 1 + ROUNDING));
}
