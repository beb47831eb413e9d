import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseFrames } from "./frames.ts";

const count = fc.integer({ min: 1, max: 5000 });

test("a sample has the first and the last frame, no frame twice, and as many as it may, in order", () => {
  fc.assert(
    fc.property(count, fc.integer({ min: 2, max: 300 }), (frames, most) => {
      const chosen = chooseFrames(`sample:${most}`, frames);
      expect(chosen).toHaveLength(Math.min(frames, most));
      expect([chosen[0], chosen.at(-1)]).toEqual([0, frames - 1]);
      expect(chosen).toEqual([...new Set(chosen)].toSorted((a, b) => a - b));
    }),
  );
});

test("a sample is spread evenly: no gap is longer than another by more than one frame", () => {
  fc.assert(
    fc.property(count, fc.integer({ min: 2, max: 300 }), (frames, most) => {
      const chosen = chooseFrames(`sample:${most}`, frames);
      const gaps = chosen.slice(1).map((frame, i) => frame - (chosen[i] ?? 0));
      expect(Math.max(0, ...gaps) - Math.min(frames, ...gaps)).toBeLessThanOrEqual(1);
    }),
  );
});

test("all are all, and the first is the first", () => {
  expect(chooseFrames("all", 4)).toEqual([0, 1, 2, 3]);
  expect(chooseFrames("first", 4)).toEqual([0]);
  expect(chooseFrames("first", 1)).toEqual([0]);
});
