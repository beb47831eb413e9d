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

/** Share of the first class among the smoothed targets of `right` of `rows`. */
const smoothed = (right: number, rows: number): number =>
  (right * (rows + 1) + (rows - right)) / (rows * (rows + 2));

describe("the temperature", () => {
  test.each([
    ["cools a model that is too sure", 8],
    ["hardly moves one that is as sure as it is right", Math.log(3)],
    ["heats one that is not sure enough", 0.3],
  ])("%s: a gap of %d becomes that of three in four", (_, gap) => {
    // sigmoid(gap / T) = share at T = gap / logit(share), and 3/4 of very many rows stay 3/4.
    const few = fitTemperature(sure(gap, { right: 75, rows: 100 }));
    const share = smoothed(75, 100);
    expect(few.isAtLimit).toBe(false);
    expect(few.temperature).toBeCloseTo(gap / Math.log(share / (1 - share)), 9);
    const many = fitTemperature(sure(gap, { right: 75_000, rows: 100_000 }));
    expect(many.temperature).toBeCloseTo(gap / Math.log(3), 3);
  });

  test("makes a model without mistakes as sure as their number allows, not surer", () => {
    for (const rows of [9, 99, 999]) {
      const { temperature, isAtLimit } = fitTemperature(sure(5, { right: rows, rows }));
      expect(isAtLimit).toBe(false);
      expect(Math.exp(5 / temperature)).toBeCloseTo(rows + 1, 6);
    }
  });

  test("ends at a limit where answers are worse than guesses, and where the logits hardly differ", () => {
    const limit = (gap: number, right: number): unknown =>
      fitTemperature(sure(gap, { right, rows: 9 }));
    expect(limit(5, 1)).toEqual({ temperature: 10, isAtLimit: true });
    expect(limit(0.01, 9)).toEqual({ temperature: 0.1, isAtLimit: true });
  });

  test("needs rows, and finite logits", () => {
    expect(() => fitTemperature(sure(1, { right: 0, rows: 0 }))).toThrow(FitError);
    expect(() => fitTemperature(sure(Number.NaN, { right: 1, rows: 2 }))).toThrow(FitError);
  });
});
