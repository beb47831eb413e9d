import type { FusedFrame } from "../fusion/fuse-frames.ts";
import type { Ensemble } from "../ensemble.ts";
import type { Margin, WatchedThreshold } from "./cascade.ts";
import type { StageExit } from "./plan-stages.ts";

/**
 * Whether an image may leave after a stage: see `isClear`.
 *
 * @param pool the members that have run
 */
export function mayLeave(exit: StageExit, pool: Ensemble, frames: readonly FusedFrame[]): boolean {
  return isClear(
    exit,
    frames.map((frame) => lookAt(exit.thresholds, pool, frame)),
  );
}

/** What the members that have run say of one watched label in one frame. */
export interface WatchedScore {
  readonly score: number;
  /** Whether each of them is on the same side of the threshold as the fused score. */
  readonly isAgreed: boolean;
}

/**
 * Whether in every frame every watched score is beyond its margin, and the members agree where that is asked for. A number that is none, and
 * a label of which no member has run yet, are never clear.
 *
 * @param frames per frame, per watched threshold
 */
export function isClear(
  { margins, agreement }: Pick<StageExit, "margins" | "agreement">,
  frames: readonly (readonly (WatchedScore | null)[])[],
): boolean {
  return frames.every((seen) =>
    margins.every((margin, i) => {
      const watched = seen[i] ?? null;
      if (watched === null || !isBeyond(margin, watched.score)) return false;
      return agreement === "none" || watched.isAgreed;
    }),
  );
}

function isBeyond({ below, above }: Margin, score: number): boolean {
  return score < below || score > above;
}

/** @returns per threshold; null where no member of its label set has run */
export function lookAt(
  thresholds: readonly WatchedThreshold[],
  { sets, members }: Ensemble,
  frame: FusedFrame,
): readonly (WatchedScore | null)[] {
  return thresholds.map(({ classId, threshold }) => {
    const set = sets.findIndex(
      ({ offset, labels }) => classId >= offset && classId < offset + labels.length,
    );
    const label = classId - (sets[set]?.offset ?? 0);
    const score = frame.sets[set]?.[label];
    if (score === undefined) return null;
    const isAgreed = members.every(
      (member, m) =>
        member.set !== set || (frame.members[m]?.[label] ?? 0) >= threshold === score >= threshold,
    );
    return { score, isAgreed };
  });
}
