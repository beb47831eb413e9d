import { describe, expect, test } from "vitest";
import { FitError } from "./fit-error.ts";
import { fitTemperature } from "./fit-temperature.ts";

/** Rows whose first logit leads by `gap`, of which the first class is right in `right` and the second in the others. */
function sure(gap: number, { right, rows }: { right: number; rows: number }) {
  return {
    logits: Float64Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? gap : 0)),
    labels: Int32Array.from({ length: rows }, (_, row) => (row < right ? 0 : 1)),
    classes: 2,
  };
}

describe("the temperature", () => {
  test.each([
    ["cools a model that is too sure", 8],
    ["leaves one that is as sure as it is right", Math.log(3)],
    ["heats one that is not sure enough", 0.3],
  ])("%s: a gap of %d becomes that of three in four", (_, gap) => {
    // sigmoid(gap / T) = 3/4 at T = gap / ln 3.
    const found = fitTemperature(sure(gap, { right: 75, rows: 100 }));
    expect(found.isAtLimit).toBe(false);
    expect(found.temperature).toBeCloseTo(gap / Math.log(3), 9);
  });

  test("ends at a limit where every row is right, and where answers are worse than guesses", () => {
    expect(fitTemperature(sure(5, { right: 9, rows: 9 }))).toEqual({
      temperature: 0.1,
      isAtLimit: true,
    });
    expect(fitTemperature(sure(5, { right: 1, rows: 9 }))).toEqual({
      temperature: 10,
      isAtLimit: true,
    });
  });

  test("needs rows, and finite logits", () => {
    expect(() => fitTemperature(sure(1, { right: 0, rows: 0 }))).toThrow(FitError);
    expect(() => fitTemperature(sure(Number.NaN, { right: 1, rows: 2 }))).toThrow(FitError);
  });
});
