import { describe, expect, test } from "vitest";
import { chooseL2, crossValidate } from "./cross-validate.ts";
import { evaluate } from "./evaluate.ts";
import { FitError } from "./fit-error.ts";
import { runToEnd } from "./run-to-end.ts";
import { softmax } from "./softmax.ts";
import { drawClouds, type CloudOptions } from "./testing/clouds.ts";

function chosen(clouds: CloudOptions): ReturnType<typeof chooseL2> {
  return chooseL2(
    runToEnd(crossValidate({ ...drawClouds(clouds), classWeights: "none", seed: 1 })),
  );
}

describe("the strength of regularisation that is chosen", () => {
  test("is strong where the features say nothing", () => {
    const noise = chosen({ counts: [20, 20], dimension: 60, distance: 0, seed: 1 });
    expect(noise.l2).toBeGreaterThanOrEqual(1);
    expect(noise.logLoss).toBeGreaterThan(0.6);
  });

  test("is weaker where they tell the classes apart, and its loss shows it", () => {
    const clear = chosen({ counts: [60, 60], dimension: 3, distance: 4, seed: 2 });
    expect(clear.l2).toBeLessThan(0.1);
    expect(clear.logLoss).toBeLessThan(0.1);
  });
});

test("the logits are of rows that no fit behind them had seen", () => {
  // More features than rows: any fit gets its own rows right, and noise it has not seen half of the time.
  const noise = drawClouds({ counts: [40, 40], dimension: 200, distance: 0, seed: 3 });
  const [weakest] = runToEnd(
    crossValidate({ ...noise, classWeights: "none", seed: 1, grid: [1e-4] }),
  );
  const { accuracy } = evaluate({
    ...weakest!,
    classes: 2,
    probabilities: softmax(weakest!.logits, 2),
  });
  expect(weakest!.labels).toHaveLength(80);
  expect(accuracy).toBeGreaterThan(0.3);
  expect(accuracy).toBeLessThan(0.7);
});

test("the only sample of a class is learned from and never asked for", () => {
  const samples = drawClouds({ counts: [10, 10, 1], dimension: 4, distance: 5, seed: 4 });
  const results = runToEnd(crossValidate({ ...samples, classWeights: "balanced", seed: 1 }));
  for (const { labels, logLoss } of results) {
    expect(labels.includes(2)).toBe(false);
    expect(logLoss).toBeGreaterThan(0);
    expect(logLoss).toBeLessThan(2);
  }
});

test("equal losses go to the stronger one", () => {
  const tie = { logLoss: 0.5, logits: new Float64Array(), labels: new Int32Array() };
  const results = [
    { ...tie, l2: 0.01 },
    { ...tie, l2: 1 },
  ];
  expect(chooseL2(results).l2).toBe(1);
});

test("nothing can be held out where every class has one sample", () => {
  const samples = drawClouds({ counts: [1, 1], dimension: 2, distance: 1, seed: 5 });
  expect(() => runToEnd(crossValidate({ ...samples, classWeights: "none", seed: 1 }))).toThrow(
    FitError,
  );
});

test("every fit is a step, between which a caller may stop", () => {
  const samples = drawClouds({ counts: [6, 6], dimension: 2, distance: 1, seed: 6 });
  const steps = crossValidate({
    ...samples,
    classWeights: "none",
    seed: 1,
    folds: 3,
    grid: [1, 2],
  });
  expect([...steps]).toHaveLength(6);
});
