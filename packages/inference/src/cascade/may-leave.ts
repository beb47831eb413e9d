import type { FusedFrame } from "../fusion/fuse-frames.ts";
import type { Ensemble } from "../ensemble.ts";
import type { Margin, WatchedThreshold } from "./cascade.ts";
import type { StageExit } from "./plan-stages.ts";

/**
 * Whether an image may leave after a stage: in every frame every watched score is beyond its margin, and the members agree where that is
 * asked for. A number that is none, and a label of which no member has run yet, are never sure.
 *
 * @param pool the members that have run
 */
export function mayLeave(
  { thresholds, margins, agreement }: StageExit,
  pool: Ensemble,
  frames: readonly FusedFrame[],
): boolean {
  return frames.every((frame) =>
    thresholds.every((watched, i) => {
      const margin = margins[i];
      const seen = lookAt(watched, pool, frame);
      if (margin === undefined || seen === null || !isBeyond(margin, seen.score)) return false;
      return agreement === "none" || seen.isAgreed;
    }),
  );
}

function isBeyond({ below, above }: Margin, score: number): boolean {
  return score <= below || score >= above;
}

/** What the members that have run say of one watched label in one frame. */
export interface WatchedScore {
  readonly score: number;
  /** Whether each of them is on the same side of the threshold as the fused score. */
  readonly isAgreed: boolean;
}

/** @returns null when no member of its label set has run */
export function lookAt(
  { classId, threshold }: WatchedThreshold,
  { sets, members }: Ensemble,
  frame: FusedFrame,
): WatchedScore | null {
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
}
