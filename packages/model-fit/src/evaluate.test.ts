import { describe, expect, test } from "vitest";
import { calibrationError } from "./calibration-error.ts";
import { evaluate } from "./evaluate.ts";
import { FitError } from "./fit-error.ts";
import { readScikitCases } from "./testing/scikit-cases.ts";
import { wilsonInterval } from "./wilson-interval.ts";

test.each(readScikitCases())("judges as scikit-learn does: %s", (_, expected) => {
  const actual = evaluate({
    probabilities: Float64Array.from(expected.probabilities),
    labels: Int32Array.from(expected.labels),
    classes: expected.classes,
  });
  expect(actual.confusion).toEqual(expected.confusion);
  expect(actual.accuracy).toBeCloseTo(expected.accuracy, 12);
  expect(actual.balancedAccuracy).toBeCloseTo(expected.balancedAccuracy, 12);
  expect(actual.logLoss).toBeCloseTo(expected.logLoss, 12);
  for (const [id, report] of expected.perClass.entries()) {
    for (const [name, value] of Object.entries(report)) {
      expect(actual.perClass[id]).toHaveProperty(name, expect.closeTo(value, 12));
    }
  }
});

test("a class that is neither there nor called has no figures instead of zeros", () => {
  const { perClass, balancedAccuracy } = evaluate({
    probabilities: Float64Array.of(0.9, 0.1, 0, 0.2, 0.8, 0),
    labels: Int32Array.of(0, 1),
    classes: 3,
  });
  expect(perClass[2]).toEqual({ precision: null, recall: null, f1: null, support: 0 });
  expect(balancedAccuracy).toBe(1);
});

test("probability 0 for what was there costs much, but is not infinite", () => {
  const { logLoss } = evaluate({
    probabilities: Float64Array.of(1, 0),
    labels: Int32Array.of(1),
    classes: 2,
  });
  expect(logLoss).toBeCloseTo(-Math.log(Number.EPSILON), 9);
});

test("labels and probabilities must fit together", () => {
  const classes = 2;
  expect(() =>
    evaluate({ probabilities: new Float64Array(3), labels: new Int32Array(2), classes }),
  ).toThrow(FitError);
  expect(() =>
    evaluate({ probabilities: new Float64Array(2), labels: Int32Array.of(2), classes }),
  ).toThrow(/row 0 has label 2/u);
});

describe("the calibration error", () => {
  test("is 0 for a model that is right as often as it says", () => {
    const answers = [true, true, true, false].map((isRight) => ({ confidence: 0.75, isRight }));
    expect(calibrationError(answers)).toBeCloseTo(0, 12);
  });

  test("adds what each bin is off, by its share of the rows", () => {
    // Bin (9/15, 10/15]: three rows at 0.65, one right. Bin (14/15, 1]: one row at 1, right.
    const answers = [
      { confidence: 0.65, isRight: true },
      { confidence: 0.65, isRight: false },
      { confidence: 0.65, isRight: false },
      { confidence: 1, isRight: true },
    ];
    expect(calibrationError(answers)).toBeCloseTo((3 / 4) * (0.65 - 1 / 3), 12);
  });

  test("does not let one bin's excess pay for another's lack", () => {
    const answers = [
      { confidence: 0.9, isRight: false },
      { confidence: 0.1, isRight: true },
    ];
    expect(calibrationError(answers)).toBeCloseTo(0.9, 12);
  });
});

describe("the interval of an accuracy", () => {
  // As scipy 1.17's binomtest(hits, trials).proportion_ci(method="wilson") gives it.
  test.each([
    [81, 263, 0.2552885, 0.3662096],
    [10, 10, 0.7224672, 1],
    [0, 10, 0, 0.2775328],
    [1, 2, 0.0945312, 0.9054688],
  ])("%d of %d", (hits, trials, low, high) => {
    const [actualLow, actualHigh] = wilsonInterval(hits, trials);
    expect(actualLow).toBeCloseTo(low, 7);
    expect(actualHigh).toBeCloseTo(high, 7);
  });
});
