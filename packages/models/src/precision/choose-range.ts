import type { ValueRange } from "./activation-scale.ts";
import { BINS_PER_SIDE, type ActivationStatistics } from "./activation-statistics.ts";
import { leastDivergence } from "./least-divergence.ts";

/**
 * How the range of an activation follows from the values that it took.
 *
 * - `minmax`: all of them; one outlier makes every step coarse.
 * - `percentile`: all but the outer 0.01 %.
 * - `entropy`: the range that keeps the distribution closest (Kullback-Leibler), at most 1 % cut off.
 */
export const CALIBRATION_METHODS = ["minmax", "percentile", "entropy"] as const;
export type CalibrationMethod = (typeof CALIBRATION_METHODS)[number];

/** Share of all values that `percentile` leaves outside, on both sides together. */
const OUTER_SHARE = 1e-4;

/** Never wider than the values that were seen. */
export function chooseRange(values: ActivationStatistics, method: CalibrationMethod): ValueRange {
  const seen = { least: values.least, greatest: values.greatest };
  if (values.binWidth === 0) return seen;
  const chosen = rangeOf(values, method);
  return {
    least: Math.max(chosen.least, seen.least),
    greatest: Math.min(chosen.greatest, seen.greatest),
  };
}

function rangeOf(values: ActivationStatistics, method: CalibrationMethod): ValueRange {
  switch (method) {
    case "minmax":
      return { least: values.least, greatest: values.greatest };
    case "percentile":
      return percentile(values);
    case "entropy":
      return leastDivergence(values);
    default:
      return method satisfies never;
  }
}

/** Cuts half of the outer share on either side; a side without values needs no cut. */
function percentile({ counts, zeros, binWidth }: ActivationStatistics): ValueRange {
  const total = counts.reduce((sum, count) => sum + count, zeros);
  const outside = (total * OUTER_SHARE) / 2;
  let low = 0;
  for (let sum = counts[0] ?? 0; sum <= outside && low < BINS_PER_SIDE; sum += counts[low] ?? 0)
    low++;
  let high = counts.length;
  for (let sum = counts.at(-1) ?? 0; sum <= outside && high > BINS_PER_SIDE;) {
    high--;
    sum += counts[high - 1] ?? 0;
  }
  return {
    least: (low - BINS_PER_SIDE) * binWidth,
    greatest: (high - BINS_PER_SIDE) * binWidth,
  };
}
