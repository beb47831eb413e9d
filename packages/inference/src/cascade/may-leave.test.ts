import fc from "fast-check";
import { expect, test } from "vitest";
import { fuseFrames } from "../fusion/fuse-frames.ts";
import { cascadeEnsemble, threeStages } from "../testing/cascade-ensemble.ts";
import { mayLeave } from "./may-leave.ts";
import { planStages, type StagePlan } from "./plan-stages.ts";

/** One number per frame and member that has run: how bad the member thinks it is. */
function leaves(plan: StagePlan, frames: readonly (readonly number[])[]): boolean {
  const rows = frames.map((members) => members.map((bad) => Float32Array.of(bad, 1 - bad)));
  const fused = fuseFrames(plan.pool, rows);
  return fused !== null && plan.exit !== null && mayLeave(plan.exit, plan.pool, fused);
}

const plans = planStages(cascadeEnsemble());
const [first, second, last] = plans;

test.each([
  [0.05, true],
  [0.15, false],
  [0.5, false],
  [0.85, false],
  [0.95, true],
])("a score of %d in the first stage is sure: %s", (bad, isSure) => {
  expect(leaves(first!, [[bad]])).toBe(isSure);
});

test("an animation leaves only when every frame does", () => {
  expect(leaves(first!, [[0.05], [0.95], [0.01]])).toBe(true);
  expect(leaves(first!, [[0.05], [0.5], [0.01]])).toBe(false);
});

test("at a margin of 0 and 1 nobody leaves, however certain the members are", () => {
  const never = { ...first!, exit: { ...first!.exit!, margins: [{ below: 0, above: 1 }] } };
  expect([leaves(never, [[0]]), leaves(never, [[1]])]).toEqual([false, false]);
});

test("nobody leaves at the last stage: it decides all", () => {
  expect(last!.exit).toBeNull();
  expect(last!.isLast).toBe(true);
});

test("members on both sides of the threshold are not sure, however clear their mean is, unless agreement is not asked for", () => {
  const ensemble = cascadeEnsemble();
  const [a, b, c] = ensemble.members;
  const weighted = {
    ...ensemble,
    fusion: "weighted" as const,
    members: [{ ...a!, weight: 9 }, b!, c!],
  };
  const disagreeing = [[0.01, 0.9]]; // fused: 0.099
  const [, strict] = planStages(weighted);
  const [, lenient] = planStages({ ...weighted, cascade: threeStages("none") });
  expect([leaves(strict!, disagreeing), leaves(lenient!, disagreeing)]).toEqual([false, true]);
});

test("what is farther from the threshold in every frame leaves, too", () => {
  const bad = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(bad, bad), { minLength: 1, maxLength: 4 }), (frames) => {
      if (!leaves(second!, frames)) return;
      const farther = frames.map((frame) => frame.map((p) => (p >= 0.5 ? (1 + p) / 2 : p / 2)));
      expect(leaves(second!, farther)).toBe(true);
    }),
  );
});

test("a number that is none is never sure", () => {
  const nan = { members: [[Number.NaN, 0.1]], sets: [Float64Array.of(Number.NaN, 0.1)] };
  expect(mayLeave(first!.exit!, first!.pool, [nan])).toBe(false);
  expect(leaves(first!, [[Number.NaN]])).toBe(false);
});

test("a label of which no member has run yet is never sure", () => {
  const unseen = { members: [[0.01, 0.99]], sets: [null] };
  expect(mayLeave(first!.exit!, first!.pool, [unseen])).toBe(false);
});
