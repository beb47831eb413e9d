import type { PixelSpec } from "@sluice/inference";

/** What each output pixel takes of which input pixels, in fixed point. */
export interface ResampleWeights {
  /** First input pixel per output pixel. */
  readonly starts: Int32Array;
  /** How many follow it, itself included. */
  readonly counts: Int32Array;
  /** `stride` per output pixel; they sum to 2^FRACTION_BITS. */
  readonly values: Int32Array;
  readonly stride: number;
}

/** Pillow's: 32 bits less the 8 of a sample and 2 for a cubic's overshoot. */
export const FRACTION_BITS = 22;

/**
 * One axis of Pillow's resampling: a filter around each output pixel's centre, widened when the axis shrinks, cut at
 * the picture's edge and normalised. Source: Pillow 9.4 `src/libImaging/Resample.c`.
 *
 * @param from pixels of the axis before
 * @param to and after
 * @param first of the output pixels that are wanted, `length` many
 */
export function computeWeights(
  interpolation: PixelSpec["interpolation"],
  { from, to, first, length }: { from: number; to: number; first: number; length: number },
): ResampleWeights {
  const { reach, weigh } = FILTERS[interpolation];
  const scale = from / to;
  const widening = Math.max(1, scale);
  const support = reach * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const values = new Int32Array(length * stride);
  for (let i = 0; i < length; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const taps = Array.from({ length: end - start }, (_, tap) =>
      weigh((start + tap - centre + 0.5) / widening),
    );
    const sum = taps.reduce((total, tap) => total + tap, 0);
    starts[i] = start;
    counts[i] = end - start;
    values.set(
      taps.map((tap) => toFixedPoint(tap / sum)),
      i * stride,
    );
  }
  return { starts, counts, values, stride };
}

/** Half away from zero, as C's cast after ±0.5 does. */
function toFixedPoint(weight: number): number {
  return Math.trunc(weight * 2 ** FRACTION_BITS + (weight < 0 ? -0.5 : 0.5));
}

const FILTERS = {
  bilinear: { reach: 1, weigh: triangle },
  bicubic: { reach: 2, weigh: cubic },
} as const;

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Keys' cubic convolution with a = -0.5. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  if (t < 2) return ((-0.5 * t + 2.5) * t - 4) * t + 2;
  return 0;
}
