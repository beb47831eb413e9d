import { expect, test } from "vitest";
import { compareOutputs } from "./compare-outputs.ts";

const compare = (expected: number[][], actual: number[][], decisionThreshold = 0.5) =>
  compareOutputs({
    expected: expected.map((row) => Float32Array.from(row)),
    actual: actual.map((row) => Float32Array.from(row)),
    decisionThreshold,
  });

test("equal scores agree in everything", () => {
  const rows = [
    [3, 0, -1],
    [0, 8, 1],
  ];
  expect(compare(rows, rows)).toEqual({
    pictures: 2,
    top1Agreement: 1,
    largestLogitError: 0,
    meanLogitError: 0,
    largestProbabilityChange: 0,
    decisionThreshold: 0.5,
    decisionsChanged: 0,
  });
});

test("errors, another top class and another decision are counted by picture", () => {
  const agreement = compare(
    [
      [2, 0],
      [0, 3],
    ],
    [
      [0, 1],
      [0, 2.5],
    ],
  );
  expect(agreement).toMatchObject({
    top1Agreement: 0.5,
    largestLogitError: 2,
    meanLogitError: 3.5 / 4,
    decisionsChanged: 1,
  });
  const before = 1 / (1 + Math.exp(-2));
  const after = 1 / (1 + Math.exp(1));
  expect(agreement.largestProbabilityChange).toBeCloseTo(before - after, 6);
});

test("the same top class below the threshold is another decision", () => {
  const rows: [number[][], number[][]] = [[[3, 0, 0]], [[1, 0, 0]]];
  expect(compare(...rows, 0.9)).toMatchObject({ top1Agreement: 1, decisionsChanged: 1 });
  expect(compare(...rows, 0.02)).toMatchObject({ decisionsChanged: 0 });
});

test("scores that are no numbers are no agreement", () => {
  const agreement = compare([[1, 0]], [[Number.NaN, 0]]);
  expect(agreement.top1Agreement).toBe(0);
  expect(agreement.largestLogitError).toBeNaN();
});
