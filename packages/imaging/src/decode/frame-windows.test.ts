import fc from "fast-check";
import { expect, test } from "vitest";
import { planWindows } from "./frame-windows.ts";

test("windows hold every frame once, in order, and never more pixels than one window may", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50_000_000 }),
      (frames, pixelsPerFrame) => {
        const windows = planWindows({ frames, pixelsPerFrame });
        const seen = windows.flatMap(({ page, pages }) =>
          Array.from({ length: pages }, (_, i) => page + i),
        );
        expect(seen).toEqual(Array.from({ length: frames }, (_, i) => i));
        for (const { pages } of windows) {
          expect(pages === 1 || pages * pixelsPerFrame <= 32_000_000).toBe(true);
        }
      },
    ),
  );
});

test("an animation within the pixel limit is played four times at most", () => {
  const frames = fc.integer({ min: 2, max: 10_000 });
  fc.assert(
    fc.property(frames, (count) => {
      const pixelsPerFrame = Math.floor(100_000_000 / count);
      const windows = planWindows({ frames: count, pixelsPerFrame });
      const played = windows.reduce((sum, { page, pages }) => sum + page + pages, 0);
      expect(played).toBeLessThanOrEqual(4 * count);
    }),
  );
});
