import { expect, test } from "vitest";
import { cascadeEnsemble, threeStages } from "../testing/cascade-ensemble.ts";
import { planStages } from "./plan-stages.ts";

test("an ensemble without a cascade is one stage of all members", () => {
  const { cascade: _, ...plain } = cascadeEnsemble();
  expect(planStages(plain)).toMatchObject([
    { index: 0, isLast: true, members: [0, 1, 2], places: [0, 1, 2], exit: null, told: null },
  ]);
  expect(planStages(plain)[0]!.pool).toBe(plain);
});

test("the members that have run stand in the ensemble's order, and their numbers where they came", () => {
  const plans = planStages(cascadeEnsemble());
  expect(plans.map(({ members }) => members)).toEqual([[1], [0], [2]]);
  expect(plans.map(({ pool }) => pool.members.map(({ model }) => model))).toEqual([
    ["m1"],
    ["m0", "m1"],
    ["m0", "m1", "m2"],
  ]);
  expect(plans.map(({ places }) => places)).toEqual([[0], [1, 0], [1, 0, 2]]);
  expect(plans.map(({ told }) => told?.stage)).toEqual([1, 2, 3]);
});

test("embeddings are those of the same member in every pool", () => {
  const plans = planStages({ ...cascadeEnsemble(threeStages()), embeddings: 1 });
  const named = plans.map(({ pool }) => pool.members[pool.embeddings ?? -1]?.model);
  expect(named).toEqual(["m1", "m1", "m1"]);
});
