import sharp from "sharp";
import { describe, expect, it } from "vitest";

import { encodeAnimatedGif } from "./encode-animated-gif.ts";
import { encodeCmykJpeg } from "./encode-cmyk-jpeg.ts";
import { encodeSolidPng } from "./encode-solid-png.ts";
import { RASTER_FORMATS, rasterizeSvg } from "./rasterize-svg.ts";

const WIDTH = 90;
const HEIGHT = 60;

describe("rasterizeSvg", () => {
  it.each(RASTER_FORMATS)(
    "writes %s that decodes to the drawn size and colours",
    async (format) => {
      const bytes = await rasterizeSvg(drawHalves("red", "blue"), { format, quality: 90 });
      const { format: found, compression, width, height } = await sharp(bytes).metadata();
      expect(found === "heif" ? compression : found).toBe(format === "avif" ? "av1" : format);
      expect([width, height]).toEqual([WIDTH, HEIGHT]);
      expectColor(await pixelAt(bytes, 10, 30), [255, 0, 0]);
      expectColor(await pixelAt(bytes, 80, 30), [0, 0, 255]);
    },
  );

  it("paints what the drawing leaves empty white", async () => {
    const empty = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"></svg>`;
    const bytes = await rasterizeSvg(empty, { format: "png" });
    expect(await pixelAt(bytes, 5, 5)).toEqual([255, 255, 255]);
  });

  it("makes smaller JPEGs at lower quality", async () => {
    const [poor, good] = await Promise.all([
      rasterizeSvg(drawHalves("red", "blue"), { format: "jpeg", quality: 35 }),
      rasterizeSvg(drawHalves("red", "blue"), { format: "jpeg", quality: 95 }),
    ]);
    expect(poor.byteLength).toBeLessThan(good.byteLength);
  });

  it("softens edges when asked to blur", async () => {
    const bytes = await rasterizeSvg(drawHalves("black", "white"), { format: "png", blurSigma: 3 });
    const [edge = 0] = await pixelAt(bytes, WIDTH / 2, 30);
    expect(edge).toBeGreaterThan(60);
    expect(edge).toBeLessThan(200);
  });

  it("tags an orientation and leaves the stored pixels alone", async () => {
    const bytes = await rasterizeSvg(drawHalves("red", "blue"), {
      format: "jpeg",
      exifOrientation: 6,
    });
    const { orientation, width, height } = await sharp(bytes).metadata();
    expect({ orientation, width, height }).toEqual({
      orientation: 6,
      width: WIDTH,
      height: HEIGHT,
    });
    expectColor(await pixelAt(bytes, 10, 30), [255, 0, 0]);
  });

  it("rejects text that is not an SVG", async () => {
    await expect(rasterizeSvg("not a drawing", { format: "png" })).rejects.toThrow(/unsupported/);
  });
});

describe("encodeAnimatedGif", () => {
  it("keeps every frame, equal neighbours too, and its delay", async () => {
    const frames = [
      drawHalves("red", "blue"),
      drawHalves("red", "blue"),
      drawHalves("lime", "black"),
    ];
    const bytes = await encodeAnimatedGif(frames, { frameDelayMs: 120 });
    const { format, pages, delay, width, height } = await sharp(bytes).metadata();
    expect({ format, pages, delay, width, height }).toEqual({
      format: "gif",
      pages: 3,
      delay: [120, 120, 120],
      width: WIDTH,
      height: HEIGHT,
    });
    expectColor(await pixelAt(bytes, 10, 30, 2), [0, 255, 0]);
  });
});

describe("encodeCmykJpeg", () => {
  it("writes four channels with a profile, and decodes to the drawn colours", async () => {
    const bytes = await encodeCmykJpeg(drawHalves("black", "white"), { quality: 90 });
    const { format, space, channels, hasProfile } = await sharp(bytes).metadata();
    expect({ format, space, channels, hasProfile }).toEqual({
      format: "jpeg",
      space: "cmyk",
      channels: 4,
      hasProfile: true,
    });
    const [dark = 255] = await pixelAt(bytes, 10, 30);
    const [light = 0] = await pixelAt(bytes, 80, 30);
    expect(dark).toBeLessThan(60);
    expect(light).toBeGreaterThan(240);
  });
});

describe("encodeSolidPng", () => {
  it("packs its pixels to less than one part in five hundred", async () => {
    const bytes = await encodeSolidPng({ width: 6000, height: 4000, color: "teal" });
    const { format, width, height } = await sharp(bytes).metadata();
    expect({ format, width, height }).toEqual({ format: "png", width: 6000, height: 4000 });
    expect(bytes.byteLength).toBeLessThan((6000 * 4000 * 3) / 500);
    expect(await pixelAt(bytes, 5999, 3999)).toEqual([0, 128, 128]);
  });
});

/** Left half in one CSS colour, right half in the other. */
function drawHalves(left: string, right: string): string {
  const half = WIDTH / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="${half}" height="${HEIGHT}" fill="${left}"/><rect x="${half}" width="${half}" height="${HEIGHT}" fill="${right}"/></svg>`;
}

/** RGB, 0 to 255, of one pixel as any viewer would show it without turning the picture. */
async function pixelAt(bytes: Buffer, left: number, top: number, page = 0): Promise<number[]> {
  const rgb = await sharp(bytes, { page })
    .toColourspace("srgb")
    .removeAlpha()
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer();
  return [...rgb];
}

function expectColor(found: readonly number[], expected: readonly number[]): void {
  for (const [channel, value] of expected.entries()) {
    expect(Math.abs((found[channel] ?? -999) - value)).toBeLessThan(16);
  }
}
