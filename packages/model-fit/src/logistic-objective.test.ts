import fc from "fast-check";
import { expect, test } from "vitest";
import { logisticObjective } from "./logistic-objective.ts";
import { drawClouds } from "./testing/clouds.ts";

test("the gradient is that of finite differences", () => {
  const samples = drawClouds({ counts: [4, 3, 2], dimension: 3, distance: 1, seed: 1 });
  const classWeights = Float64Array.of(0.5, 1, 3);
  const parameter = fc.double({ min: -3, max: 3, noNaN: true });
  const size = 3 * (3 + 1);
  fc.assert(
    fc.property(
      fc.array(parameter, { minLength: size, maxLength: size }),
      fc.constantFrom(0.001, 1),
      (at, l2) => {
        const objective = logisticObjective({ samples, classWeights, l2 });
        const gradient = new Float64Array(size);
        objective(Float64Array.from(at), gradient);
        const scratch = new Float64Array(size);
        const valueWith = (index: number, change: number): number =>
          objective(
            Float64Array.from(at, (value, i) => value + (i === index ? change : 0)),
            scratch,
          );
        const step = 1e-5;
        for (const [i, slope] of gradient.entries()) {
          const difference = (valueWith(i, step) - valueWith(i, -step)) / (2 * step);
          expect(slope).toBeCloseTo(difference, 7);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("logits of thousands neither overflow nor lose the loss", () => {
  const samples = {
    features: Float64Array.of(1e4, -1e4),
    dimension: 1,
    labels: Int32Array.of(0, 0),
    classes: 2,
  };
  const objective = logisticObjective({ samples, classWeights: Float64Array.of(1, 1), l2: 0 });
  const gradient = new Float64Array(4);
  // The first row is right beyond doubt, the second wrong by a difference of logits of 2e4: half of that on average.
  expect(objective(Float64Array.of(1, -1, 0, 0), gradient)).toBeCloseTo(1e4, 6);
  expect(gradient.every(Number.isFinite)).toBe(true);
});
