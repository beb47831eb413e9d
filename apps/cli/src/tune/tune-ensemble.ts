import { isDeepStrictEqual } from "node:util";
import {
  tuneCascade,
  type Observation,
  type TunedCascade,
  type TuningInput,
} from "@sluice/inference";
import { splitHeldOut, wilsonInterval } from "@sluice/model-fit";
import { countErrors, type DecisionErrors } from "./count-errors.ts";
import type { ObservedPicture } from "./observe-pictures.ts";

export interface TuningOptions {
  /** Greatest share of pictures that may be decided otherwise than by all members. */
  readonly maxDisagreement: number;
  /** Share of the pictures that the result is judged on. */
  readonly heldOut: number;
  readonly seed: number;
  /** Whether sub-folders say what pictures show. */
  readonly isLabelled: boolean;
}

export interface TradeRow extends TunedCascade {
  /** Greatest share of other pictures that is decided otherwise, with 95 % confidence. */
  readonly atMost: number;
  /** By the measured costs of decoding and members. */
  readonly imagesPerSecond: number;
  readonly speedup: number;
  /** Only of labelled pictures: those held out that the cascade gets wrong. */
  readonly errors: DecisionErrors | null;
}

export interface EnsembleTuning {
  readonly tunedOn: number;
  readonly judgedOn: number;
  /** From the strictest to the most generous. */
  readonly trade: readonly TradeRow[];
  /** Of these; null: no cascade keeps within the disagreement, or none is faster. */
  readonly chosen: TradeRow | null;
  /** Held-out pictures that would be needed to be 95 % sure when none of them is decided otherwise. */
  readonly picturesNeeded: number;
  readonly wholeImagesPerSecond: number;
  readonly wholeErrors: DecisionErrors | null;
}

/** Shares of the greatest disagreement that the exits are tuned to. */
const SHARES = [0, 0.1, 0.25, 0.5, 1, 2] as const;
/** Of those, what may be chosen: other pictures are not those that it was tuned on. */
const MOST_SHARE = 0.5;

/** Tunes exits on one part of the pictures, and judges them on the other part. */
export function tuneEnsemble(
  pictures: readonly ObservedPicture[],
  parts: Omit<TuningInput, "tuning" | "heldOut"> & { readonly decodeMs: number },
  options: TuningOptions,
): EnsembleTuning {
  const { maxDisagreement, isLabelled } = options;
  const { training, heldOut } = split(pictures, options);
  const input = {
    ...parts,
    tuning: training.map(observationOf),
    heldOut: heldOut.map(observationOf),
  };
  const costMs = parts.stageMs.reduce((sum, ms) => sum + ms, 0) * meanRows(input.heldOut);
  const whole = 1000 / (parts.decodeMs + costMs);
  const errorsOf = (rule: TunedCascade["rule"]): DecisionErrors | null =>
    isLabelled ? countErrors(heldOut, parts.thresholds, rule) : null;
  const trade = SHARES.map((share): TradeRow => {
    const tuned = tuneCascade(input, share * maxDisagreement);
    const { changed, pictures: judged, costMs: ownMs } = tuned.onHeldOut;
    const imagesPerSecond = 1000 / (parts.decodeMs + ownMs);
    return {
      ...tuned,
      atMost: judged === 0 ? 1 : wilsonInterval(changed, judged)[1],
      imagesPerSecond,
      speedup: imagesPerSecond / whole,
      errors: errorsOf(tuned.rule),
    };
  });
  const { agreement, stageMs } = parts;
  const different = trade.filter(
    ({ cascade }, row) => row === 0 || !isDeepStrictEqual(cascade, trade[row - 1]?.cascade),
  );
  return {
    tunedOn: input.tuning.length,
    judgedOn: input.heldOut.length,
    trade: different,
    chosen: choose(different, maxDisagreement),
    picturesNeeded: picturesNeeded(maxDisagreement),
    wholeImagesPerSecond: whole,
    wholeErrors: errorsOf({ margins: [], agreement, stageMs }),
  };
}

function choose(trade: readonly TradeRow[], maxDisagreement: number): TradeRow | null {
  const fit = trade.filter(
    ({ allowed, cascade, onHeldOut, speedup }) =>
      cascade !== null &&
      speedup > 1 &&
      allowed <= MOST_SHARE * maxDisagreement + 1e-12 &&
      onHeldOut.changed <= maxDisagreement * onHeldOut.pictures,
  );
  const [first, ...others] = fit;
  if (first === undefined) return null;
  return others.reduce((best, row) => (row.speedup > best.speedup ? row : best), first);
}

/** The same share of every kind of decision, so that rare ones are on both sides. */
function split(
  pictures: readonly ObservedPicture[],
  { heldOut: fraction, seed }: TuningOptions,
): { training: readonly ObservedPicture[]; heldOut: readonly ObservedPicture[] } {
  const kinds = pictures.map(({ observation }) => String(observation.stages.at(-1)?.sides));
  const names = [...new Set(kinds)].toSorted();
  const rows = splitHeldOut(
    Int32Array.from(kinds, (kind) => names.indexOf(kind)),
    { fraction, seed },
  );
  const take = (numbers: Int32Array): ObservedPicture[] =>
    [...numbers].flatMap((row) => pictures[row] ?? []);
  return { training: take(rows.training), heldOut: take(rows.heldOut) };
}

function observationOf({ observation }: ObservedPicture): Observation {
  return observation;
}

function meanRows(observations: readonly Observation[]): number {
  if (observations.length === 0) return 1;
  return observations.reduce((sum, { rows }) => sum + rows, 0) / observations.length;
}

/** The smallest number at which none changed still means at most `share`, by the same interval. */
function picturesNeeded(share: number): number {
  const zz = 1.959963984540054 ** 2;
  return Math.ceil((zz * (1 - share)) / share);
}
