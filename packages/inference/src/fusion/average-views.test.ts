import fc from "fast-check";
import { expect, test } from "vitest";
import { averageViews } from "./average-views.ts";

const row = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
const views = fc.array(row, { minLength: 5, maxLength: 5 });

function rowsOf(all: readonly number[][]): Float32Array[][] {
  return all.map((scores) => [Float32Array.from(scores), Float32Array.from(scores, (s) => 1 - s)]);
}

test("the mean of equal views is the view", () => {
  fc.assert(
    fc.property(row, (scores) => {
      const rows = rowsOf([scores, scores]);
      expect(averageViews(rows, 2)).toEqual([rows[0]]);
    }),
  );
});

test("the order of views does not matter", () => {
  fc.assert(
    fc.property(views, fc.integer({ min: 1, max: 4 }), (all, shift) => {
      const turned = [...all.slice(shift), ...all.slice(0, shift)];
      const [mean, other] = [averageViews(rowsOf(all), 5)[0]!, averageViews(rowsOf(turned), 5)[0]!];
      for (const [m, scores] of mean.entries()) {
        for (const [i, score] of scores.entries()) expect(other[m]![i]).toBeCloseTo(score, 6);
      }
    }),
  );
});

test("each frame has the mean of its own views", () => {
  const rows = [0, 1, 0.5, 0.25].map((score) => [Float32Array.of(score)]);
  expect(averageViews(rows, 2)).toEqual([[Float32Array.of(0.5)], [Float32Array.of(0.375)]]);
});

test("a number that is NaN in one view is NaN", () => {
  fc.assert(
    fc.property(views, fc.nat(4), fc.nat(2), (all, view, label) => {
      const rows = rowsOf(all);
      rows[view]![0]![label] = Number.NaN;
      expect(averageViews(rows, 5)[0]![0]![label]).toBeNaN();
    }),
  );
});
