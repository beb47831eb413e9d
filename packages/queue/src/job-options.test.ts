import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffDelayMs } from "./job-options.ts";

test("the backoff begins at half a second, never shrinks and ends at 30 s plus a quarter of jitter", () => {
  const attempts = fc.integer({ min: 1, max: 100_000 });
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(attempts, chance, (attempt, random) => {
      const delay = backoffDelayMs(attempt, () => random);
      expect(delay).toBeGreaterThanOrEqual(500);
      expect(delay).toBeLessThanOrEqual(37_500);
      expect(backoffDelayMs(attempt + 1, () => random)).toBeGreaterThanOrEqual(delay);
    }),
  );
  expect([1, 2, 3, 7, 8].map((attempt) => backoffDelayMs(attempt, () => 0))).toEqual([
    500, 1000, 2000, 30_000, 30_000,
  ]);
});
