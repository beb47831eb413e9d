import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeWeights, FRACTION_BITS } from "./resample-weights.ts";

describe.each(["bilinear", "bicubic"] as const)("%s", (interpolation) => {
  test("weights sum to one and lie inside the picture", () => {
    const side = fc.integer({ min: 1, max: 700 });
    fc.assert(
      fc.property(side, side, (from, to) => {
        const weights = computeWeights(interpolation, { from, to, first: 0, length: to });
        const { starts, counts, values, stride } = weights;
        for (let i = 0; i < to; i++) {
          expect(starts[i]).toBeGreaterThanOrEqual(0);
          expect(starts[i]! + counts[i]!).toBeLessThanOrEqual(from);
          const taps = values.subarray(i * stride, i * stride + counts[i]!);
          const sum = taps.reduce((total, tap) => total + tap, 0);
          expect(Math.abs(sum / 2 ** FRACTION_BITS - 1)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("a crop's weights are those of the whole", () => {
    const whole = computeWeights(interpolation, { from: 50, to: 130, first: 0, length: 130 });
    const part = computeWeights(interpolation, { from: 50, to: 130, first: 17, length: 40 });
    expect(part.starts).toEqual(whole.starts.subarray(17, 57));
    expect(part.counts).toEqual(whole.counts.subarray(17, 57));
    expect(part.values).toEqual(whole.values.subarray(17 * whole.stride, 57 * whole.stride));
  });
});
