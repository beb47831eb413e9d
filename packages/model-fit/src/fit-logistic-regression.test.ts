import { describe, expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import { FitError } from "./fit-error.ts";
import { fitLogisticRegression, type LogisticOptions } from "./fit-logistic-regression.ts";
import { applyHead } from "./linear-head.ts";
import { softmax } from "./softmax.ts";
import { drawClouds } from "./testing/clouds.ts";
import { readScikitCases } from "./testing/scikit-cases.ts";

function probabilitiesOf(options: LogisticOptions): Float64Array {
  const head = fitLogisticRegression(options);
  return softmax(applyHead(head, options.features), options.classes);
}

function recallsOf(options: LogisticOptions, on = options): readonly (number | null)[] {
  const head = fitLogisticRegression(options);
  const probabilities = softmax(applyHead(head, on.features), on.classes);
  return evaluate({ ...on, probabilities }).perClass.map(({ recall }) => recall);
}

test.each(readScikitCases())("gives scikit-learn's probabilities: %s", (_, expected) => {
  const options: LogisticOptions = {
    ...expected,
    features: Float64Array.from(expected.features),
    labels: Int32Array.from(expected.labels),
    gradientTolerance: 1e-10,
  };
  const actual = probabilitiesOf(options);
  for (const [i, probability] of expected.probabilities.entries()) {
    expect(actual[i]).toBeCloseTo(probability, 6);
  }
});

describe("the head stays finite", () => {
  test("where the classes can be told apart without a doubt", () => {
    const samples = drawClouds({ counts: [20, 20], dimension: 4, distance: 100, seed: 2 });
    const fit = fitLogisticRegression({ ...samples, l2: 1e-4, classWeights: "none" });
    expect(fit.search.converged).toBe(true);
    expect(Math.max(...fit.weights.map(Math.abs))).toBeLessThan(10);
    expect(recallsOf({ ...samples, l2: 1e-4, classWeights: "none" })).toEqual([1, 1]);
  });

  test("where a feature never changes, which then has no say", () => {
    const samples = drawClouds({ counts: [10, 10], dimension: 3, distance: 3, seed: 3 });
    for (let row = 0; row < 20; row++) samples.features[row * 3 + 2] = 0.1;
    const fit = fitLogisticRegression({ ...samples, l2: 0.01, classWeights: "none" });
    expect([fit.weights[2], fit.weights[5]]).toEqual([0, 0]);
    expect(fit.bias.every(Number.isFinite)).toBe(true);
  });

  test("where there are far more features than samples", () => {
    const samples = drawClouds({ counts: [6, 6], dimension: 500, distance: 4, seed: 4 });
    const fit = fitLogisticRegression({ ...samples, l2: 0.01, classWeights: "none" });
    expect(fit.search.converged).toBe(true);
    expect(recallsOf({ ...samples, l2: 0.01, classWeights: "none" })).toEqual([1, 1]);
  });
});

test("of one rare class among fifty, balanced weights find the most, equal weights hardly any", () => {
  const about = { dimension: 5, distance: 2 };
  const training = drawClouds({ ...about, counts: [1000, 20], seed: 5 });
  const fresh = drawClouds({ ...about, counts: [1000, 200], seed: 6 });
  const [, balanced] = recallsOf(
    { ...training, l2: 0.01, classWeights: "balanced" },
    { ...fresh, l2: 0.01, classWeights: "balanced" },
  );
  const [, equal] = recallsOf(
    { ...training, l2: 0.01, classWeights: "none" },
    { ...fresh, l2: 0.01, classWeights: "none" },
  );
  expect(balanced).toBeGreaterThan(0.8);
  expect(equal).toBeLessThan(0.5);
});

test("the same samples give the same numbers, to the last bit", () => {
  const samples = drawClouds({ counts: [9, 7, 5], dimension: 6, distance: 1, seed: 7 });
  const fit = (): LogisticOptions & object => ({ ...samples, l2: 0.1, classWeights: "balanced" });
  expect(fitLogisticRegression(fit()).weights).toEqual(fitLogisticRegression(fit()).weights);
});

describe("is refused with a reason", () => {
  const good: LogisticOptions = {
    ...drawClouds({ counts: [3, 3], dimension: 2, distance: 1, seed: 8 }),
    l2: 0.1,
    classWeights: "none",
  };
  test.each<[string, Partial<LogisticOptions>, RegExp]>([
    ["no rows", { labels: new Int32Array(), features: new Float64Array() }, /no rows/u],
    ["too few numbers", { features: new Float64Array(11) }, /need 12 numbers, received 11/u],
    ["one class", { classes: 1, labels: new Int32Array(6) }, /two classes/u],
    ["a class without samples", { classes: 3 }, /class 2 has no samples/u],
    ["an unknown label", { labels: Int32Array.of(0, 0, 0, 1, 1, 2) }, /row 5 has label 2/u],
    ["NaN", { features: good.features.with(7, Number.NaN) }, /feature 1 of row 3 is NaN/u],
    ["no regularisation", { l2: 0 }, /l2 is 0, expected a number above 0/u],
  ])("%s", (_, change, message) => {
    const options = { ...good, ...change };
    expect(() => fitLogisticRegression(options)).toThrow(FitError);
    expect(() => fitLogisticRegression(options)).toThrow(message);
  });
});
