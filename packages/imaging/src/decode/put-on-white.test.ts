import { expect, test } from "vitest";
import { putOnWhite } from "./put-on-white.ts";
import { openPixels, openRgb, readRgb } from "./rgb-pixels.ts";

/** Every sample (columns) under every alpha (rows), the same in all colours. */
const all = {
  data: Uint8Array.from({ length: 256 * 256 * 4 }, (_, i) =>
    i % 4 === 3 ? i >> 10 : (i >> 2) % 256,
  ),
  width: 256,
  height: 256,
  channels: 4,
} as const;

test("every sample under every alpha is rounded to nearest", async () => {
  const { data } = await putOnWhite(openPixels(all));
  const errors = Array.from({ length: 256 * 256 }, (_, i) => {
    const [sample, alpha] = [i % 256, i >> 8];
    return Math.abs(data[i * 3]! - (255 - ((255 - sample) * alpha) / 255));
  });
  expect(Math.max(...errors)).toBeLessThanOrEqual(0.5);
});

test("pixels keep their order and channels", async () => {
  const data = Uint8Array.of(10, 20, 30, 255, 40, 50, 60, 0, 70, 80, 90, 255);
  const composed = await putOnWhite(openPixels({ data, width: 3, height: 1, channels: 4 }));
  expect([...composed.data]).toEqual([10, 20, 30, 255, 255, 255, 70, 80, 90]);
});

test("an opaque picture shrinks as one without transparency does", async () => {
  const size = { width: 90, height: 70 };
  const rgb = Uint8Array.from({ length: 90 * 70 * 3 }, (_, i) => (i * i * 7919) >> 9);
  const rgba = Uint8Array.from({ length: 90 * 70 * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]!,
  );
  const to = [40, 31, { fit: "fill", kernel: "cubic" }] as const;
  const plain = await readRgb(openRgb({ data: rgb, ...size }).resize(...to));
  const opaque = openPixels({ data: rgba, ...size, channels: 4 });
  expect(await putOnWhite(opaque.resize(...to))).toEqual({ ...plain, channels: 3 });
});
