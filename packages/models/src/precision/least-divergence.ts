import type { ValueRange } from "./activation-scale.ts";
import { BINS_PER_SIDE, type ActivationStatistics } from "./activation-statistics.ts";

const LEVELS = 256;
/**
 * Share of the values that may be cut off. The divergence alone knows no distance: it would cut away all of a distribution that
 * does not begin at zero, since everything in one bin is represented perfectly.
 */
const MOST_CUT_OFF = 0.01;
/** Bins by which one tried range is wider than the one before. */
const STRIDE = 16;

/**
 * The range, grown evenly from zero to both sides, in which 256 levels keep the distribution best: the least
 * Kullback-Leibler divergence between the histogram, cut to the range, and its quantised form. The method of TensorRT's
 * "8-bit inference" (Migacz 2017), for values of one sign or both.
 */
export function leastDivergence({ counts, binWidth }: ActivationStatistics): ValueRange {
  const first = Math.min(
    counts.findIndex((count) => count > 0),
    BINS_PER_SIDE,
  );
  const last = Math.max(counts.findLastIndex((count) => count > 0) + 1, BINS_PER_SIDE);
  const widest = Math.max(BINS_PER_SIDE - first, last - BINS_PER_SIDE);
  let best = { from: first, to: last };
  let least = Number.POSITIVE_INFINITY;
  const total = sumOf(counts);
  for (let side = LEVELS / 2; side < widest + STRIDE; side += STRIDE) {
    const range = {
      from: Math.max(first, BINS_PER_SIDE - side),
      to: Math.min(last, BINS_PER_SIDE + side),
    };
    const kept = sumOf(counts.subarray(range.from, range.to));
    if (kept < (1 - MOST_CUT_OFF) * total) continue;
    const divergence = divergenceOf(counts, range);
    if (divergence >= least) continue;
    least = divergence;
    best = range;
  }
  return {
    least: (best.from - BINS_PER_SIDE) * binWidth,
    greatest: (best.to - BINS_PER_SIDE) * binWidth,
  };
}

interface BinRange {
  readonly from: number;
  readonly to: number;
}

function divergenceOf(counts: Float64Array, { from, to }: BinRange): number {
  const inside = counts.slice(from, to);
  const clipped = clipInto(inside, counts, { from, to });
  const quantized = spreadOverLevels(inside);
  const [total, kept] = [sumOf(clipped), sumOf(quantized)];
  if (kept === 0) return Number.POSITIVE_INFINITY;
  let divergence = 0;
  for (const [i, count] of clipped.entries()) {
    if (count === 0) continue;
    // What was cut off may fall into a bin that is empty inside; a small mass there keeps the sum finite.
    const q = Math.max((quantized[i] ?? 0) / kept, SMALLEST_MASS);
    divergence += (count / total) * Math.log(count / total / q);
  }
  return divergence;
}

const SMALLEST_MASS = 1e-9;

/** The histogram of clipped values: what lies outside counts in the outermost bins. */
function clipInto(
  inside: Float64Array,
  counts: Float64Array,
  { from, to }: BinRange,
): Float64Array {
  const clipped = inside.slice();
  const last = clipped.length - 1;
  clipped[0] = (clipped[0] ?? 0) + sumOf(counts.subarray(0, from));
  clipped[last] = (clipped[last] ?? 0) + sumOf(counts.subarray(to));
  return clipped;
}

/** What is left of a histogram when each level is one number: its mass, spread over the bins that had any. */
function spreadOverLevels(inside: Float64Array): Float64Array {
  const spread = new Float64Array(inside.length);
  for (let level = 0; level < LEVELS; level++) {
    const from = Math.floor((level * inside.length) / LEVELS);
    const to = Math.floor(((level + 1) * inside.length) / LEVELS);
    const part = inside.subarray(from, to);
    const used = part.reduce((n, count) => n + (count > 0 ? 1 : 0), 0);
    if (used === 0) continue;
    const mean = sumOf(part) / used;
    for (const [i, count] of part.entries()) spread[from + i] = count > 0 ? mean : 0;
  }
  return spread;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
