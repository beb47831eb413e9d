import fc from "fast-check";
import { expect, test } from "vitest";
import { cascadeEnsemble } from "../../testing/cascade-ensemble.ts";
import { composeCascade } from "../compose-cascade.ts";
import { planStages } from "../plan-stages.ts";
import { judgeCascade } from "./judge-cascade.ts";
import { observe, type Observation } from "./observe.ts";
import { tuneCascade, type TuningInput } from "./tune-cascade.ts";

const LABELS = ["bad", "good"];
const thresholds = [
  { label: "bad", classId: 0, threshold: 0.5 },
  { label: "bad", classId: 0, threshold: 0.2 },
];
const stages = [[1], [0], [2]];
const plans = planStages(
  cascadeEnsemble({
    stages: stages.map((members) => ({ members, margins: null })),
    thresholds,
    agreement: "all",
  }),
);
const stageMs = [1, 2, 4];

/** How bad the members 0, 1 and 2 think each frame is. */
type Picture = readonly (readonly number[])[];

function see(frames: Picture): Observation {
  const rows = frames.map((frame) => frame.map((bad) => Float32Array.of(bad, 1 - bad)));
  return observe(plans, thresholds, rows)!;
}

function inputOf(tuning: readonly Picture[], heldOut: readonly Picture[] = tuning): TuningInput {
  const common = { stages, stageMs, thresholds, agreement: "all" as const };
  return { ...common, tuning: tuning.map(see), heldOut: heldOut.map(see) };
}

const bad = fc.oneof(
  fc.double({ min: 0, max: 0.1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0.9, max: 1, noNaN: true }),
);
const picture = fc.array(fc.tuple(bad, bad, bad), { minLength: 1, maxLength: 3 });
const pictures = fc.array(picture, { minLength: 1, maxLength: 60 });

test("no more of the tuning pictures are decided otherwise than may be, and the exits are those of a sound cascade", () => {
  fc.assert(
    fc.property(pictures, fc.constantFrom(0, 0.05, 0.2, 1), (all, allowed) => {
      const tuned = tuneCascade(inputOf(all), allowed);
      const { changed, decided, costMs } = tuned.onTuning;
      expect(changed).toBeLessThanOrEqual(allowed * all.length);
      expect(decided.reduce((a, b) => a + b, 0)).toBe(all.length);
      const rows = all.reduce((sum, frames) => sum + frames.length, 0);
      expect(costMs * all.length).toBeLessThanOrEqual(7 * rows + 1e-6);
      const place = { models: ["m0", "m1", "m2"], labels: LABELS };
      const sound = tuned.cascade === null ? null : composeCascade(tuned.cascade, place);
      expect(sound?.stages.flatMap(({ members }) => members).toSorted() ?? [0, 1, 2]).toEqual([
        0, 1, 2,
      ]);
    }),
    { numRuns: 300 },
  );
});

test("who may leave with fewer changes may leave with more: the cost never rises with what is allowed", () => {
  fc.assert(
    fc.property(pictures, (all) => {
      const input = inputOf(all);
      const early = [0, 0.1, 0.3].map(
        (allowed) => tuneCascade(input, allowed).onTuning.decided[0]!,
      );
      expect(early).toEqual(early.toSorted((a, b) => a - b));
    }),
  );
});

/** Members agree, and are clear. */
const clear = [0.001, 0.002, 0.003, 0.99, 0.995].map((p): Picture => [[p, p, p]]);
const often = (one: Picture, count: number): Picture[] => Array.from({ length: count }, () => one);

test("pictures that the first member is clear about leave after it, and a stage that nobody leaves after is one with the next", () => {
  const { cascade, onTuning } = tuneCascade(inputOf(clear), 0);
  expect(onTuning).toMatchObject({ changed: 0, decided: [5, 0, 0], costMs: 1 });
  expect(cascade?.stages).toEqual([[1], [0, 2]]);
  expect(cascade?.exits.map(({ stage, threshold }) => [stage, threshold])).toEqual([
    [1, 0.5],
    [1, 0.2],
  ]);
});

test("the exits keep clear of a picture of which the first member was sure and wrong", () => {
  const wrong: Picture = [[0.9, 0.05, 0.9]];
  const tuned = tuneCascade(inputOf([...clear, wrong]), 0);
  expect(tuned.onTuning.changed).toBe(0);
  const exit = tuned.cascade?.exits.find(
    ({ stage, threshold }) => stage === 1 && threshold === 0.2,
  );
  expect(exit?.below).toBeLessThan(0.05);
  const lenient = tuneCascade(inputOf([...clear, wrong]), 0.2);
  expect(lenient.onTuning.changed).toBe(1);
  expect(lenient.onTuning.costMs).toBeLessThan(tuned.onTuning.costMs);
});

test("where the first member was certain and wrong nobody leaves on its word, not even those that are certain, too", () => {
  const certain: Picture[] = [[[0.9, 0, 0]], [[0, 0, 0]], [[0, 0, 0]]];
  const { onTuning } = tuneCascade(inputOf(certain), 0);
  expect([onTuning.changed, onTuning.decided[0]]).toEqual([0, 0]);
});

test("where the first member knows nothing, all members run for every picture", () => {
  const blind = [0.001, 0.4, 0.99].flatMap((p) => often([[p, 0.35, p]], 5));
  const { onTuning, cascade } = tuneCascade(inputOf(blind), 0);
  expect(onTuning.decided[0]).toBe(0);
  expect(cascade?.stages[0] ?? [1, 0]).toEqual([1, 0]);
});

test("pictures that were held out are judged with exits that they had no part in", () => {
  const surprise: Picture = [[0.9, 0.001, 0.9]];
  const { onTuning, onHeldOut } = tuneCascade(inputOf(clear, [...clear, surprise]), 0);
  expect([onTuning.changed, onHeldOut.changed, onHeldOut.pictures]).toEqual([0, 1, 6]);
});

test("a picture with a broken number is not observed", () => {
  const rows = [[Float32Array.of(Number.NaN, 0), Float32Array.of(0, 1), Float32Array.of(0, 1)]];
  expect(observe(plans, thresholds, rows)).toBeNull();
});

test("of no pictures nothing is changed and nothing costs", () => {
  const rule = { margins: [null, null], agreement: "all", stageMs } as const;
  expect(judgeCascade([], rule)).toEqual({
    pictures: 0,
    changed: 0,
    decided: [0, 0, 0],
    costMs: 0,
  });
});
