import { fuseFrames } from "../../fusion/fuse-frames.ts";
import type { WatchedThreshold } from "../cascade.ts";
import { lookAt, type WatchedScore } from "../may-leave.ts";
import type { StagePlan } from "../plan-stages.ts";

/** What a cascade can see of one picture, stage by stage, if nobody left. */
export interface Observation {
  /** Of a batch, in every stage that it reaches. */
  readonly rows: number;
  readonly stages: readonly StageView[];
}

export interface StageView {
  /** Per frame, per watched threshold. */
  readonly frames: readonly (readonly (WatchedScore | null)[])[];
  /** Per watched threshold whether the picture's highest score reaches it: what decisions hang on. */
  readonly sides: readonly boolean[];
}

/**
 * @param plans stages of an ensemble with all members
 * @param rows per frame and view, per member, what they said
 * @returns null when a number is not a probability
 */
export function observe(
  plans: readonly StagePlan[],
  thresholds: readonly WatchedThreshold[],
  rows: readonly (readonly Float32Array[])[],
): Observation | null {
  const stages: StageView[] = [];
  for (const { pool, ran } of plans) {
    const own = rows.map((row) => ran.map((m) => row[m] ?? new Float32Array()));
    const fused = fuseFrames(pool, own);
    if (fused === null) return null;
    const frames = fused.map((frame) => lookAt(thresholds, pool, frame));
    const sides = thresholds.map(({ threshold }, i) =>
      frames.some((seen) => (seen[i]?.score ?? 0) >= threshold),
    );
    stages.push({ frames, sides });
  }
  return { rows: rows.length, stages };
}
