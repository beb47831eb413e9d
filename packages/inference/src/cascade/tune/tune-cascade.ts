import type { Agreement, Margin, WatchedThreshold } from "../cascade.ts";
import type { CascadeExit, CascadeParts } from "../compose-cascade.ts";
import { isClear } from "../may-leave.ts";
import {
  isChanged,
  judgeCascade,
  type CascadeJudgement,
  type CascadeRule,
} from "./judge-cascade.ts";
import type { Observation } from "./observe.ts";
import { tuneMargins } from "./tune-margins.ts";

export interface TuningInput {
  /** Indices of the members, stage by stage. */
  readonly stages: readonly (readonly number[])[];
  /** Per stage, of one row. */
  readonly stageMs: readonly number[];
  readonly thresholds: readonly WatchedThreshold[];
  readonly agreement: Agreement;
  readonly tuning: readonly Observation[];
  /** Pictures that nothing is tuned on. */
  readonly heldOut: readonly Observation[];
}

/** A cascade for one share of pictures that may be decided otherwise, and what it does. */
export interface TunedCascade {
  /** Share of the tuning pictures. */
  readonly allowed: number;
  /** Null: at this share nobody may leave early. */
  readonly cascade: CascadeParts | null;
  /** The same by the stages that were put in. */
  readonly rule: CascadeRule;
  readonly onTuning: CascadeJudgement;
  readonly onHeldOut: CascadeJudgement;
}

/** A stage that fewer than this share of the pictures leave after costs a batch of its own for nothing. */
const LEAST_LEAVING = 0.01;

/**
 * Finds exits with which at most a share of the tuning pictures is decided otherwise than by all members. The first stage may use all of it,
 * as whoever leaves there costs least, and each next one what is left.
 */
export function tuneCascade(input: TuningInput, allowed: number): TunedCascade {
  const { tuning, heldOut, stageMs, agreement } = input;
  const margins = tuneStages(input, Math.floor(allowed * tuning.length + 1e-9));
  const rule = { margins, agreement, stageMs };
  return {
    allowed,
    cascade: toParts(margins, input),
    rule,
    onTuning: judgeCascade(tuning, rule),
    onHeldOut: judgeCascade(heldOut, rule),
  };
}

type StageMargins = readonly Margin[] | null;

function tuneStages(input: TuningInput, allowed: number): readonly StageMargins[] {
  const { tuning, stages, thresholds, agreement } = input;
  const margins: StageMargins[] = [];
  let left = allowed;
  let waiting = tuning;
  for (let stage = 0; stage < stages.length - 1; stage++) {
    const own = tuneMargins(waiting, { thresholds, agreement, stage, allowed: left });
    const leaving = waiting.filter((one) => decidesAt(one, stage, own, agreement));
    if (leaving.length < LEAST_LEAVING * tuning.length) {
      margins.push(null);
      continue;
    }
    margins.push(own);
    left -= leaving.filter((one) => isChanged(one, stage)).length;
    const gone = new Set(leaving);
    waiting = waiting.filter((one) => !gone.has(one));
  }
  return margins;
}

function decidesAt(
  { stages }: Observation,
  stage: number,
  margins: StageMargins,
  agreement: Agreement,
): boolean {
  const view = stages[stage];
  return margins !== null && view !== undefined && isClear({ margins, agreement }, view.frames);
}

/** A stage after which nobody leaves becomes one with the next. */
function toParts(
  margins: readonly StageMargins[],
  { stages, thresholds, agreement }: TuningInput,
): CascadeParts | null {
  const merged: number[][] = [];
  const exits: CascadeExit[] = [];
  let gathered: number[] = [];
  for (const [index, members] of stages.entries()) {
    gathered = [...gathered, ...members];
    const own = margins[index] ?? null;
    if (own === null && index < stages.length - 1) continue;
    merged.push(gathered);
    gathered = [];
    for (const [i, margin] of (own ?? []).entries()) {
      const watched = thresholds[i];
      if (watched === undefined) continue;
      const { label, threshold } = watched;
      exits.push({ stage: merged.length, label, threshold, ...margin });
    }
  }
  return exits.length === 0 ? null : { stages: merged, exits, agreement };
}
