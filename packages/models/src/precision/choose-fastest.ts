import type { Precision } from "../directory/precision.ts";
import type { Variant } from "./variant.ts";

/** Times of networks, taken in turns: round i of each met the same disturbances. Milliseconds of one batch. */
export interface PrecisionTimings {
  readonly float32: readonly number[];
  readonly variants: readonly { readonly variant: Variant; readonly roundsMs: readonly number[] }[];
}

export interface Speedup {
  readonly variant: Variant;
  /** How many times as fast as float32: median of the rounds' ratios. */
  readonly speedup: number;
}

export interface FastestPrecision {
  readonly precision: Precision;
  readonly speedups: readonly Speedup[];
}

/**
 * The precision to run: the fastest variant that is `minSpeedup` times as fast as float32 or faster, else float32. Of two
 * that are equally fast the first.
 */
export function chooseFastest(
  { float32, variants }: PrecisionTimings,
  minSpeedup: number,
): FastestPrecision {
  const speedups = variants.map(({ variant, roundsMs }) => {
    return { variant, speedup: speedupOf(float32, roundsMs) };
  });
  const [first, ...others] = speedups.filter(({ speedup }) => speedup >= minSpeedup);
  if (first === undefined) return { precision: "float32", speedups };
  const fastest = others.reduce((best, next) => (next.speedup > best.speedup ? next : best), first);
  return { precision: fastest.variant, speedups };
}

/** NaN, which reaches no limit, when no round has both. */
function speedupOf(float32: readonly number[], variant: readonly number[]): number {
  const ratios = variant
    .slice(0, float32.length)
    .map((ms, round) => (float32[round] ?? Number.NaN) / ms)
    .toSorted((a, b) => a - b);
  const middle = Math.floor(ratios.length / 2);
  const upper = ratios[middle] ?? Number.NaN;
  return ratios.length % 2 === 1 ? upper : ((ratios[middle - 1] ?? Number.NaN) + upper) / 2;
}
