import { describe, expect, test } from "vitest";
import { ActivationStatistics } from "./activation-statistics.ts";
import { CALIBRATION_METHODS, chooseRange } from "./choose-range.ts";

/** Many values up to 1, evenly, and a few outliers. */
function withOutliers(outliers: readonly number[]): ActivationStatistics {
  const statistics = new ActivationStatistics();
  const many = Float32Array.from({ length: 100_000 }, (_, i) => (i + 1) / 100_000);
  statistics.add(Float32Array.from([...many, ...outliers]));
  return statistics;
}

test("minmax covers all that was seen", () => {
  const range = chooseRange(withOutliers([-3, 40]), "minmax");
  expect(range).toEqual({ least: -3, greatest: 40 });
});

test("percentile and entropy cut a lonely outlier off, and hardly anything else", () => {
  for (const method of ["percentile", "entropy"] as const) {
    const { least, greatest } = chooseRange(withOutliers([40]), method);
    expect(least).toBeCloseTo(0, 4);
    expect(greatest).toBeGreaterThan(0.9);
    expect(greatest).toBeLessThan(10);
  }
});

test("entropy cuts off next to nothing of values that lie in a bell far from zero, as a gate's do", () => {
  const statistics = new ActivationStatistics();
  const bell = Float32Array.from({ length: 20_000 }, (_, i) => 0.5 + 0.03 * Math.sin(i) ** 3);
  statistics.add(bell);
  const { greatest } = chooseRange(statistics, "entropy");
  const beyond = bell.filter((value) => value > greatest).length;
  expect(beyond / bell.length).toBeLessThanOrEqual(0.01);
});

describe.each(CALIBRATION_METHODS)("%s", (method) => {
  test("never goes beyond what was seen", () => {
    const { least, greatest } = chooseRange(withOutliers([-0.5]), method);
    expect(least).toBeGreaterThanOrEqual(-0.5);
    expect(least).toBeLessThanOrEqual(0);
    expect(greatest).toBeLessThanOrEqual(1);
    expect(greatest).toBeGreaterThan(0.9);
  });

  test("gives zero for a tensor of zeros", () => {
    const statistics = new ActivationStatistics();
    statistics.add(new Float32Array(10));
    expect(chooseRange(statistics, method)).toEqual({ least: 0, greatest: 0 });
  });

  test("covers values of one sign alone", () => {
    const statistics = new ActivationStatistics();
    statistics.add(Float32Array.from({ length: 1000 }, (_, i) => -1 - i / 1000));
    const { least, greatest } = chooseRange(statistics, method);
    expect(least).toBeLessThan(-1.8);
    expect(greatest).toBeLessThanOrEqual(0);
  });
});
