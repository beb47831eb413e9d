import { expect, test } from "vitest";
import { composeOnWhite } from "./compose-on-white.ts";

test("every sample under every alpha is rounded to nearest", () => {
  for (let alpha = 0; alpha < 256; alpha++) {
    const pixels = Uint8Array.from({ length: 256 * 4 }, (_, i) => (i % 4 === 3 ? alpha : i >> 2));
    const composed = composeOnWhite(pixels);
    for (let sample = 0; sample < 256; sample++) {
      const exact = 255 - ((255 - sample) * alpha) / 255;
      expect(Math.abs(composed[sample * 3]! - exact)).toBeLessThanOrEqual(0.5);
    }
  }
});

test("pixels keep their order and channels", () => {
  const pixels = Uint8Array.of(10, 20, 30, 255, 40, 50, 60, 0, 70, 80, 90, 255);
  expect([...composeOnWhite(pixels)]).toEqual([10, 20, 30, 255, 255, 255, 70, 80, 90]);
});
