import { expect, test } from "vitest";
import { FitError } from "./fit-error.ts";
import { fitWeights } from "./fit-weights.ts";

const rows = (...values: number[]): Float64Array =>
  Float64Array.from({ length: 300 }, (_, i) => values[i % values.length] ?? 0);

test("members that are equally right count the same", () => {
  const weights = fitWeights({ rightProbabilities: [rows(0.9, 0.6), rows(0.6, 0.9)] });
  expect(weights[0]).toBeCloseTo(1, 3);
  expect(weights[1]).toBeCloseTo(1, 3);
});

test("one that is right more often counts more, and one that only guesses little", () => {
  const [good = 0, fair = 0, guess = 0] = fitWeights({
    rightProbabilities: [rows(0.95, 0.9, 0.7), rows(0.8, 0.8, 0.4), rows(0.1)],
  });
  expect(good).toBeGreaterThan(fair);
  expect(fair).toBeGreaterThan(guess);
  expect(guess).toBeGreaterThan(0);
  expect(good + fair + guess).toBeCloseTo(3, 9);
});

test("members that complete each other both count, although one of them is mostly worse", () => {
  const [better = 0, other = 0] = fitWeights({
    rightProbabilities: [rows(0.95, 0.95, 0.95, 0.02), rows(0.5, 0.5, 0.5, 0.98)],
  });
  expect(better).toBeGreaterThan(0.5);
  expect(other).toBeGreaterThan(0.5);
});

test("members over different rows, and none at all, are refused", () => {
  expect(() => fitWeights({ rightProbabilities: [] })).toThrow(FitError);
  expect(() => fitWeights({ rightProbabilities: [rows(1), new Float64Array(2)] })).toThrow(
    FitError,
  );
});
