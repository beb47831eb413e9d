import fc from "fast-check";
import { expect, test } from "vitest";
import { planShrinks } from "./plan-shrinks.ts";

const side = fc.integer({ min: 1, max: 20_000 });
const size = fc.record({ width: side, height: side });

test("every step shrinks an axis by less than four, and the last is the target where that is smaller", () => {
  fc.assert(
    fc.property(size, size, (from, target) => {
      let before = from;
      for (const step of planShrinks(from, target)) {
        for (const axis of ["width", "height"] as const) {
          expect(step[axis]).toBeLessThanOrEqual(before[axis]);
          expect(before[axis] / step[axis]).toBeLessThan(4);
        }
        before = step;
      }
      expect(before).toEqual({
        width: Math.min(from.width, target.width),
        height: Math.min(from.height, target.height),
      });
    }),
  );
});

test.each([
  ["a picture that does not shrink takes no step", 300, 200, 300, 600, []],
  ["less than four is one step", 1150, 860, 300, 224, [[300, 224]]],
  [
    "more goes by way of three times the target",
    1920,
    1080,
    398,
    224,
    [
      [1194, 672],
      [398, 224],
    ],
  ],
  [
    "an axis waits for the other",
    1920,
    300,
    224,
    224,
    [
      [672, 300],
      [224, 224],
    ],
  ],
  [
    "much more takes a step before",
    6000,
    4500,
    298,
    224,
    [
      [1539, 1154],
      [894, 672],
      [298, 224],
    ],
  ],
])("%s", (_, width, height, targetWidth, targetHeight, expected) => {
  const steps = planShrinks({ width, height }, { width: targetWidth, height: targetHeight });
  expect(steps.map((step) => [step.width, step.height])).toEqual(expected);
});
