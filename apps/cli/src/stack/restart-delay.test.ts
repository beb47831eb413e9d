import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countCrash, RESTART_LIMITS, restartDelayMs } from "./restart-delay.ts";

describe("a crashed app", () => {
  test("is started again soon, then ever more seldom, but never later than the limit", () => {
    const delays = [1, 2, 3, 20].map((crashes) => restartDelayMs(crashes, RESTART_LIMITS));
    expect(delays).toEqual([250, 500, 1000, 15_000]);
  });

  test("that stayed up long enough has its crashes forgotten", () => {
    expect(countCrash(7, 60_000, RESTART_LIMITS)).toBe(1);
    expect(countCrash(7, 59_999, RESTART_LIMITS)).toBe(8);
  });

  test("never waits less for one more crash", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (crashes) => {
        const delay = restartDelayMs(crashes, RESTART_LIMITS);
        expect(restartDelayMs(crashes + 1, RESTART_LIMITS)).toBeGreaterThanOrEqual(delay);
        expect(delay).toBeLessThanOrEqual(RESTART_LIMITS.maxDelayMs);
      }),
    );
  });
});
