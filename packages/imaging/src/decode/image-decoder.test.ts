import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { createImageDecoder } from "./image-decoder.ts";
import { encodeAnimatedGif, rasterizeSvg } from "../index.ts";

const spec = {
  fit: "shortest-edge",
  resize: 64,
  height: 56,
  width: 56,
  interpolation: "bilinear",
} as const;
const decoder = createImageDecoder({
  specs: [spec],
  maxImagePixels: 100_000_000,
  maxProgressivePixels: 200_000,
  maxFrames: 8,
  maxPixelsInFlight: 4e8,
  decodeTimeoutMs: 20_000,
});

/** Red left, blue right, a green corner: every rotation and mirror image looks different. */
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="150" height="200" fill="#d02020"/><rect x="150" width="150" height="200" fill="#2020d0"/><circle cx="60" cy="50" r="40" fill="#20d020"/></svg>`;
const jpeg = await rasterizeSvg(svg, { format: "jpeg", quality: 92 });

async function pixelsOf(bytes: Buffer): Promise<Uint8Array> {
  const result = await decoder.decode(bytes);
  if (result.kind !== "decoded") throw new Error(`${result.reason}: ${result.detail}`);
  return result.frames[0]![0]!;
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

describe("the same picture gives the same pixels", () => {
  test.each(["png", "webp", "avif"] as const)("as %s", async (format) => {
    const bytes = await rasterizeSvg(svg, { format, quality: 92 });
    expect(meanDifference(await pixelsOf(bytes), await pixelsOf(jpeg))).toBeLessThan(4);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("with EXIF orientation %i", async (orientation) => {
    // Stored so that the orientation undoes it.
    const undo = [
      (s: Sharp) => s,
      (s: Sharp) => s.flop(),
      (s: Sharp) => s.rotate(180),
      (s: Sharp) => s.flip(),
      (s: Sharp) => s.rotate(270).flop(),
      (s: Sharp) => s.rotate(270),
      (s: Sharp) => s.rotate(90).flop(),
      (s: Sharp) => s.rotate(90),
    ][orientation - 1]!;
    const stored = await undo(sharp(await rasterizeSvg(svg, { format: "png" }))).toBuffer();
    const tagged = await sharp(stored)
      .withMetadata({ orientation })
      .jpeg({ quality: 92 })
      .toBuffer();
    expect(meanDifference(await pixelsOf(tagged), await pixelsOf(jpeg))).toBeLessThan(3);
  });
});

test("transparency is seen on white", async () => {
  const bytes = await sharp({
    create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toBuffer();
  expect(new Set(await pixelsOf(bytes))).toEqual(new Set([255]));
});

test("several specs are derived from one decode and agree with a spec of their own", async () => {
  const both = createImageDecoder({
    specs: [spec, { ...spec, resize: 80, height: 72, width: 72 }],
    maxImagePixels: 1e8,
    maxProgressivePixels: 1e8,
    maxFrames: 8,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 20_000,
  });
  const result = await both.decode(jpeg);
  if (result.kind !== "decoded") throw new Error(result.detail);
  expect(result.frames[0]!.map((pixels) => pixels.length)).toEqual([56 * 56 * 3, 72 * 72 * 3]);
  expect(meanDifference(result.frames[0]![0]!, await pixelsOf(jpeg))).toBeLessThan(1);
});

describe("the ladder: strict, tolerant and marked, then a named reason", () => {
  test("a JPEG cut by a tenth is decoded as browsers do and marked damaged", async () => {
    const result = await decoder.decode(jpeg.subarray(0, Math.floor(jpeg.length * 0.9)));
    expect(result).toMatchObject({ kind: "decoded", isDamaged: true });
    expect(await decoder.decode(jpeg)).toMatchObject({ isDamaged: false });
  });

  test.each<[string, () => Promise<Buffer>, string]>([
    [
      "nothing but text",
      async () => await Promise.resolve(Buffer.from("this is no picture at all")),
      "not-an-image",
    ],
    ["an SVG", async () => await Promise.resolve(Buffer.from(svg)), "unsupported-format"],
    [
      "a BMP",
      async () => await Promise.resolve(Buffer.from("BM\0\0\0\0\0\0\0\0")),
      "unsupported-format",
    ],
    [
      "a HEIC",
      async () =>
        await Promise.resolve(Buffer.from("\0\0\0\u0018ftypheic\0\0\0\0mif1heic", "latin1")),
      "codec-missing",
    ],
    [
      "an AVIF sequence",
      async () =>
        await Promise.resolve(Buffer.from("\0\0\0\u0018ftypavis\0\0\0\0avismsf1", "latin1")),
      "hidden-frames",
    ],
    [
      "a WebP cut in half",
      async () => {
        const webp = await rasterizeSvg(svg, { format: "webp" });
        return webp.subarray(0, webp.length / 2);
      },
      "truncated",
    ],
    [
      "a header and garbage",
      async () =>
        await Promise.resolve(
          Buffer.concat([jpeg.subarray(0, 20), Buffer.alloc(200, 7), Buffer.from([0xff, 0xd9])]),
        ),
      "corrupt",
    ],
    [
      "a 16,000 × 16,000 PNG",
      async () => await Promise.resolve(encodeGiantPng(16_000)),
      "too-many-pixels",
    ],
    [
      "a progressive JPEG above its own limit",
      async () =>
        await sharp({ create: { width: 500, height: 500, channels: 3, background: "red" } })
          .jpeg({ progressive: true })
          .toBuffer(),
      "too-many-pixels",
    ],
  ])(
    "%s",
    async (_, make, reason) => {
      expect(await decoder.decode(await make())).toMatchObject({ kind: "unscannable", reason });
    },
    60_000,
  );

  test("more frames than allowed are refused before any is decoded", async () => {
    const frame = (i: number): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="rgb(${i * 20},0,0)"/></svg>`;
    const gif = await encodeAnimatedGif(
      Array.from({ length: 9 }, (_, i) => frame(i)),
      {
        frameDelayMs: 100,
      },
    );
    expect(await decoder.decode(gif)).toMatchObject({ reason: "too-many-frames" });
  });
});

/** A real PNG of one bit per pixel, all black: a bomb of a few kilobytes. */
function encodeGiantPng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8); // bit depth, grey, deflate, no filter, not interlaced
  const rows = deflateSync(Buffer.alloc(side * (1 + side / 8)));
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const end = chunk("IEND", Buffer.alloc(0));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", rows), end]);
}

test("the giant is a real picture: with higher limits it decodes", async () => {
  const generous = createImageDecoder({
    specs: [spec],
    maxImagePixels: 3e8,
    maxProgressivePixels: 3e8,
    maxFrames: 8,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 60_000,
  });
  const result = await generous.decode(encodeGiantPng(16_000));
  expect(result).toMatchObject({ kind: "decoded", width: 16_000, isDamaged: false });
}, 60_000);

test("one time limit holds for the whole picture, all frames and both steps of the ladder together", async () => {
  const hasty = createImageDecoder({
    specs: [spec],
    maxImagePixels: 3e8,
    maxProgressivePixels: 3e8,
    maxFrames: 8,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 1,
  });
  const frames = Array.from({ length: 8 }, (_, i) => svg.replace("#d02020", `#d0${i}020`));
  const gif = await encodeAnimatedGif(frames, { frameDelayMs: 100 });
  expect(await hasty.decode(gif)).toMatchObject({ kind: "unscannable", reason: "timeout" });
});
