import { expect, test } from "vitest";
import fc from "fast-check";
import { ActivationStatistics } from "./activation-statistics.ts";

const values = fc.float32Array({
  minLength: 1,
  maxLength: 50,
  noNaN: true,
  noDefaultInfinity: true,
});

function countAll(batches: readonly Float32Array[]): ActivationStatistics {
  const statistics = new ActivationStatistics();
  for (const batch of batches) expect(statistics.add(batch)).toBe(true);
  return statistics;
}

test("nothing is lost, and the order of the pictures does not matter", () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (batches) => {
      const forwards = countAll(batches);
      const all = batches.flatMap((batch) => [...batch]);
      expect(forwards.least).toBe(Math.min(...all));
      expect(forwards.greatest).toBe(Math.max(...all));
      const counted = forwards.counts.reduce((sum, count) => sum + count, forwards.zeros);
      expect(counted).toBe(all.length);
      const backwards = countAll(batches.toReversed());
      expect(backwards.binWidth).toBe(forwards.binWidth);
      expect(backwards.counts).toEqual(forwards.counts);
    }),
  );
});

test("zeros stand in no bin", () => {
  const statistics = countAll([new Float32Array(100)]);
  expect(statistics).toMatchObject({ zeros: 100, binWidth: 0, least: 0, greatest: 0 });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "%d is refused and not counted",
  (broken) => {
    const statistics = countAll([Float32Array.of(1)]);
    expect(statistics.add(Float32Array.of(2, broken, 3))).toBe(false);
    expect(statistics.greatest).toBe(1);
  },
);
