import fc from "fast-check";
import { expect, test } from "vitest";
import { planWindows } from "./frame-windows.ts";

const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("windows hold every wanted frame once, in order, and never more pixels than one window may", () => {
  const wanted = fc
    .uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1 })
    .map((numbers) => numbers.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(wanted, fc.integer({ min: 1, max: 50_000_000 }), (numbers, pixelsPerFrame) => {
      const windows = planWindows({ numbers, pixelsPerFrame });
      expect(windows.flatMap((window) => window.numbers)).toEqual(numbers);
      for (const { page, pages, numbers: inside } of windows) {
        expect([inside[0], inside.at(-1)]).toEqual([page, page + pages - 1]);
        expect(pages === 1 || pages * pixelsPerFrame <= 32_000_000).toBe(true);
      }
    }),
  );
});

test("an animation within the pixel limit is played four times at most", () => {
  const frames = fc.integer({ min: 2, max: 10_000 });
  fc.assert(
    fc.property(frames, (count) => {
      const pixelsPerFrame = Math.floor(100_000_000 / count);
      const windows = planWindows({ numbers: all(count), pixelsPerFrame });
      const played = windows.reduce((sum, { page, pages }) => sum + page + pages, 0);
      expect(played).toBeLessThanOrEqual(4 * count);
    }),
  );
});
