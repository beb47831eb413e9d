import type { Agreement, Margin } from "../cascade.ts";
import { isClear } from "../may-leave.ts";
import type { Observation } from "./observe.ts";

export interface CascadeJudgement {
  readonly pictures: number;
  /** Pictures of which a watched score ends on another side of its threshold than with all members. */
  readonly changed: number;
  /** Pictures that each stage decides. */
  readonly decided: readonly number[];
  /** Mean over the pictures, of the members that run for them. */
  readonly costMs: number;
}

export interface CascadeRule {
  /** Per stage, the last left out, per watched threshold; null: nobody leaves there. */
  readonly margins: readonly (readonly Margin[] | null)[];
  readonly agreement: Agreement;
  /** Per stage, the last included: of one row. */
  readonly stageMs: readonly number[];
}

/** Which stage decides a picture, from 0. */
export function stageThatDecides(
  { stages }: Observation,
  { margins, agreement }: Pick<CascadeRule, "margins" | "agreement">,
): number {
  for (const [index, own] of margins.entries()) {
    const view = stages[index];
    if (own === null || view === undefined) continue;
    if (isClear({ margins: own, agreement }, view.frames)) return index;
  }
  return stages.length - 1;
}

/** Whether a stage would decide otherwise than all members do. */
export function isChanged({ stages }: Observation, stage: number): boolean {
  const own = stages[stage]?.sides ?? [];
  return stages.at(-1)?.sides.some((side, i) => side !== own[i]) ?? false;
}

/** Plays a cascade on pictures of which is known what every member says. */
export function judgeCascade(
  observations: readonly Observation[],
  rule: CascadeRule,
): CascadeJudgement {
  const decided = rule.stageMs.map(() => 0);
  let changed = 0;
  let costMs = 0;
  for (const observation of observations) {
    const stage = stageThatDecides(observation, rule);
    decided[stage] = (decided[stage] ?? 0) + 1;
    if (isChanged(observation, stage)) changed += 1;
    const rowMs = rule.stageMs.slice(0, stage + 1).reduce((sum, ms) => sum + ms, 0);
    costMs += observation.rows * rowMs;
  }
  const pictures = observations.length;
  return { pictures, changed, decided, costMs: pictures === 0 ? 0 : costMs / pictures };
}
