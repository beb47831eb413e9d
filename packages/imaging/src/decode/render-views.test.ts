import type { PixelSpec } from "@sluice/inference";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderSpec } from "./render-spec.ts";
import { openRgb, type RgbPixels } from "./rgb-pixels.ts";

const spec = {
  fit: "shortest-edge",
  resize: 40,
  height: 32,
  width: 32,
  interpolation: "bilinear",
} as const;
const BYTES = 32 * 32 * 3;

/** Every pixel differs from its neighbours, and nothing is symmetrical. */
function draw(width: number, height: number): RgbPixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i >> 7)) % 256);
  return { data, width, height };
}

async function render(picture: RgbPixels, parts: Partial<PixelSpec>): Promise<Uint8Array> {
  const facts = {
    size: picture,
    pixels: picture,
    isJpegFile: false,
    hasAlpha: false,
    profile: null,
  };
  return await renderSpec(openRgb(picture), { ...spec, ...parts }, facts);
}

function mirror(pixels: Uint8Array, width: number): Uint8Array {
  return pixels.map((_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    return pixels[(y * width + width - 1 - x) * 3 + channel]!;
  });
}

/** Cut by hand out of the resized picture, whose size is torchvision's; corners first, by rows, then the middle. */
async function cutByHand(
  picture: RgbPixels,
  [width, height]: readonly [number, number],
): Promise<Uint8Array> {
  const whole = await render(picture, { fit: "stretch", width, height, resize: width });
  const [right, bottom] = [width - 32, height - 32]; // even here, so that nothing is rounded
  const corners = [0, bottom].flatMap((top) => [0, right].map((left) => [left, top] as const));
  const offsets = [...corners, [right / 2, bottom / 2] as const];
  return Uint8Array.from({ length: 5 * BYTES }, (_, at) => {
    const [left, top] = offsets[Math.floor(at / BYTES)]!;
    const i = at % BYTES;
    const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
    return whole[((top + y) * width + left + x) * 3 + (i % 3)]!;
  });
}

test.each([
  ["shrunk", draw(180, 120), [60, 40]],
  ["shrunk, upright", draw(120, 180), [40, 60]],
  ["shrunk in steps", draw(900, 600), [60, 40]],
  ["enlarged", draw(30, 20), [60, 40]],
  ["as it is", draw(60, 40), [60, 40]],
] as const)(
  "five crops of a picture that is %s are corners and middle",
  async (_, picture, size) => {
    const five = await render(picture, { views: "five-crop" });
    expect(Buffer.compare(five, await cutByHand(picture, size))).toBe(0);
  },
);

test("the first view of center+flip is the middle, the other one its mirror image", async () => {
  const center = await render(draw(180, 120), {});
  const both = await render(draw(180, 120), { views: "center+flip" });
  expect(both).toEqual(Buffer.concat([center, mirror(center, 32)]));
});

/** Sizes at which nothing is resampled and the middle is the middle from either side. */
test("a mirrored picture has the same views under center+flip, the other way round", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 20, max: 60 }), async (halfWidth) => {
      const picture = draw(2 * halfWidth, 40);
      const mirrored = { ...picture, data: mirror(picture.data, picture.width) };
      const here = await render(picture, { views: "center+flip" });
      const there = await render(mirrored, { views: "center+flip" });
      expect(Buffer.compare(there.subarray(0, BYTES), here.subarray(BYTES))).toBe(0);
      expect(Buffer.compare(there.subarray(BYTES), here.subarray(0, BYTES))).toBe(0);
    }),
    { numRuns: 20 },
  );
});
