import { expect, test } from "vitest";
import { openRgb, readRgb } from "./rgb-pixels.ts";
import { releasePixels } from "./release-pixels.ts";

test("pixels that the decoder gave are gone at once", async () => {
  const drawn = openRgb({ data: new Uint8Array(600 * 600 * 3), width: 600, height: 600 });
  const { data } = await readRgb(drawn);
  releasePixels(data);
  expect(data.length).toBe(0);
});

test("bytes that share their memory stay", () => {
  const both = new Uint8Array(8);
  releasePixels(both.subarray(0, 4));
  expect(both.length).toBe(8);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  releasePixels(shared);
  expect(shared.length).toBe(8);
});
