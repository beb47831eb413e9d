import { execFileSync } from "node:child_process";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { createImageDecoder } from "./image-decoder.ts";
import { encodeAnimatedGif, encodeCmykJpeg, encodeSolidPng, rasterizeSvg } from "../index.ts";

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

  test("in CMYK, 16 bit, grey with alpha, and as TIFF", async () => {
    const png = sharp(await rasterizeSvg(svg, { format: "png" }));
    const variants = [
      await png.clone().toColourspace("rgb16").png().toBuffer(),
      await png.clone().tiff().toBuffer(),
      await png.clone().ensureAlpha().png().toBuffer(),
    ];
    for (const bytes of variants) {
      expect(meanDifference(await pixelsOf(bytes), await pixelsOf(jpeg))).toBeLessThan(3);
    }
    const cmyk = await encodeCmykJpeg(svg, { quality: 92 });
    expect(meanDifference(await pixelsOf(cmyk), await pixelsOf(jpeg))).toBeLessThan(40);
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

test("every frame of an animation is decoded", async () => {
  const frames = ["#ff0000", "#00ff00", "#0000ff"].map(
    (fill) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="${fill}"/></svg>`,
  );
  const result = await decoder.decode(await encodeAnimatedGif(frames, { frameDelayMs: 100 }));
  expect(result).toMatchObject({ kind: "decoded", format: "gif" });
  const first =
    result.kind === "decoded" ? result.frames.map(([pixels]) => [...pixels!.subarray(0, 3)]) : [];
  expect(first).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ]);
});

test("several specs are derived from one decode and agree with a spec of their own", async () => {
  const both = createImageDecoder({
    specs: [spec, { ...spec, resize: 80, height: 72, width: 72 }],
    maxImagePixels: 1e8,
    maxProgressivePixels: 1e8,
    maxFrames: 8,
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
      async () => await encodeSolidPng({ width: 16_000, height: 16_000, color: "#808080" }),
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

  test("an animated PNG is never judged by its default image", async () => {
    const png = await rasterizeSvg(svg, { format: "png" });
    const chunk = Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from("acTL"), Buffer.alloc(12)]);
    const apng = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
    expect(await decoder.decode(apng)).toMatchObject({ reason: "hidden-frames" });
  });

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

test("a hardened process reads the six formats and nothing else", () => {
  const script = `
    const { hardenDecoder, createImageDecoder } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const sharp = (await import("sharp")).default;
    const ok = await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } }).png().toBuffer();
    hardenDecoder();
    const png = await sharp(ok).raw().toBuffer().then(() => "png read");
    const svg = await sharp(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).raw().toBuffer().then(() => "svg read", () => "svg blocked");
    console.log(png, svg);`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=@sluice/source", "--input-type=module", "-e", script],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  expect(output.trim()).toBe("png read svg blocked");
});
