import { expect, test } from "vitest";
import fc from "fast-check";
import { chooseScale } from "./activation-scale.ts";

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

test("zero is exact, and every value of the range is met within half a step", () => {
  fc.assert(
    fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, at) => {
      const range = { least: Math.min(a, b), greatest: Math.max(a, b) };
      const { scale, zeroPoint } = chooseScale(range);
      expect(scale).toBeGreaterThan(0);
      expect(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255).toBe(true);
      const value = range.least + (range.greatest - range.least) * at;
      const level = Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint));
      expect(Math.abs((level - zeroPoint) * scale - value)).toBeLessThanOrEqual(scale * 1.001);
    }),
  );
});

test("what is never negative begins at zero, so that the quantisation is a ReLU", () => {
  expect(chooseScale({ least: 0, greatest: 51 })).toEqual({
    scale: Math.fround(51 / 255),
    zeroPoint: 0,
  });
  expect(chooseScale({ least: 3, greatest: 51 }).zeroPoint).toBe(0);
});

test.each([
  ["only zeros", 0, 0],
  ["numbers too small for float32", -1e-40, 1e-41],
  ["nothing at all", Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
])("a range of %s gets a scale that can be divided by", (_, least, greatest) => {
  expect(chooseScale({ least, greatest })).toEqual({ scale: 1, zeroPoint: 0 });
});
