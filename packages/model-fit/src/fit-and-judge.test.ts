import { describe, expect, test } from "vitest";
import { fitAndJudge, type FitSettings } from "./fit-and-judge.ts";
import { runToEnd } from "./run-to-end.ts";
import { drawClouds } from "./testing/clouds.ts";

const SETTINGS: FitSettings = {
  heldOut: 0.25,
  seed: 1,
  l2: null,
  classWeights: "balanced",
  refitsOnAll: true,
};

describe("a head that is fitted and judged", () => {
  const samples = drawClouds({ counts: [60, 40, 20], dimension: 8, distance: 3, seed: 1 });

  test("is judged by rows that it was not fitted on", () => {
    const { evaluation, training, heldOut } = runToEnd(fitAndJudge(samples, SETTINGS));
    expect(evaluation.rows).toBe(30);
    expect(new Set([...training, ...heldOut]).size).toBe(120);
    expect(evaluation.accuracy).toBeGreaterThan(0.8);
  });

  test("is judged as no better than a guess where there is nothing to learn", () => {
    const noise = drawClouds({ counts: [100, 100], dimension: 60, distance: 0, seed: 2 });
    const { evaluation } = runToEnd(fitAndJudge(noise, SETTINGS));
    expect(evaluation.accuracyInterval[0]).toBeLessThan(0.5);
    expect(evaluation.accuracyInterval[1]).toBeGreaterThan(0.5);
  });

  test("is fitted anew on all rows, with the same judgement, unless the judged one is to be kept", () => {
    const refitted = runToEnd(fitAndJudge(samples, SETTINGS));
    const kept = runToEnd(fitAndJudge(samples, { ...SETTINGS, refitsOnAll: false }));
    expect(refitted.evaluation).toEqual(kept.evaluation);
    expect(refitted.head.weights).not.toEqual(kept.head.weights);
  });

  test("is surer of itself than it may be without regularisation, which the temperature shows", () => {
    const hard = drawClouds({ counts: [150, 150], dimension: 40, distance: 1, seed: 3 });
    const { temperature, evaluation, tempered } = runToEnd(
      fitAndJudge(hard, { ...SETTINGS, l2: 1e-4 }),
    );
    expect(temperature!.temperature).toBeGreaterThan(1.2);
    expect(tempered!.calibrationError).toBeLessThan(evaluation.calibrationError);
    expect(tempered!.confusion).toEqual(evaluation.confusion);
  });

  test("takes the l2 that it is told", () => {
    const { l2, crossValidation } = runToEnd(fitAndJudge(samples, { ...SETTINGS, l2: 0.3 }));
    expect(l2).toBe(0.3);
    expect(crossValidation?.map((tried) => tried.l2)).toEqual([0.3]);
  });

  test("does without cross-validation where a class has two rows, one of them held out", () => {
    const few = drawClouds({ counts: [2, 9], dimension: 4, distance: 6, seed: 4 });
    const found = runToEnd(fitAndJudge(few, SETTINGS));
    expect(found).toMatchObject({ crossValidation: null, temperature: null, tempered: null });
    expect(found.l2).toBe(0.1);
    expect(found.evaluation.perClass.map(({ support }) => support)).toEqual([1, 2]);
  });
});
