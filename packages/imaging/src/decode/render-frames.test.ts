import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { encodeCmykJpeg } from "../index.ts";
import { startDeadline } from "./deadline.ts";
import { encodeTiff } from "./encode-tiff.ts";
import { createImageDecoder } from "./image-decoder.ts";
import { renderWindow } from "./render-frames.ts";
import { readRgb } from "./rgb-pixels.ts";

const spec = {
  fit: "shortest-edge",
  resize: 64,
  height: 56,
  width: 56,
  interpolation: "bilinear",
} as const;
const larger = { ...spec, resize: 80, height: 72, width: 72, interpolation: "bicubic" } as const;
const limits = {
  maxImagePixels: 100_000_000,
  maxProgressivePixels: 50_000_000,
  maxFrames: 64,
  maxPixelsInFlight: 4e8,
  decodeTimeoutMs: 60_000,
};
const one = createImageDecoder({ ...limits, specs: [spec] });
const several = createImageDecoder({ ...limits, specs: [spec, larger] });

/** Left and right halves of these colours, 300 × 200. */
function halves(left: string, right: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="150" height="200" fill="${left}"/><rect x="150" width="150" height="200" fill="${right}"/></svg>`;
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

async function framesOf(bytes: Buffer, decoder = one): Promise<Uint8Array[][]> {
  const result = await decoder.decode(bytes);
  if (result.kind !== "decoded") throw new Error(`${result.reason}: ${result.detail}`);
  return result.frames.map((pixels) => [...pixels]);
}

describe("whatever the file's colours are stored as, every spec gets the same sRGB pixels", () => {
  // Colours that ink can print, so that CMYK can hold them.
  const svg = halves("#b06050", "#506090");
  const png = sharp(Buffer.from(svg)).flatten({ background: "white" });
  const grey = png.clone().greyscale();
  const kinds: [string, () => Promise<Buffer>, () => Promise<Buffer>][] = [
    ["8 bit with alpha", async () => await png.clone().ensureAlpha().png().toBuffer(), plain],
    ["16 bit", async () => await png.clone().toColourspace("rgb16").png().toBuffer(), plain],
    [
      "16 bit with alpha",
      async () => await png.clone().ensureAlpha().toColourspace("rgb16").png().toBuffer(),
      plain,
    ],
    ["a profile", async () => await png.clone().withIccProfile("p3").png().toBuffer(), plain],
    [
      "a profile, 16 bit",
      async () => await png.clone().toColourspace("rgb16").withIccProfile("p3").png().toBuffer(),
      plain,
    ],
    [
      "a profile that is none",
      async () =>
        encodeTiff(await readRgb(png.clone().removeAlpha()), Buffer.from("not a profile")),
      plain,
    ],
    ["a palette", async () => await png.clone().png({ palette: true }).toBuffer(), plain],
    ["interlaced", async () => await png.clone().png({ progressive: true }).toBuffer(), plain],
    ["TIFF", async () => await png.clone().tiff().toBuffer(), plain],
    ["lossless WebP", async () => await png.clone().webp({ lossless: true }).toBuffer(), plain],
    ["CMYK", async () => await encodeCmykJpeg(svg, { quality: 95 }), plain],
    ["grey", async () => await grey.clone().toColourspace("b-w").png().toBuffer(), plainGrey],
    [
      "grey with alpha",
      async () => await grey.clone().toColourspace("b-w").ensureAlpha().png().toBuffer(),
      plainGrey,
    ],
    [
      "grey, 16 bit",
      async () => await grey.clone().toColourspace("grey16").png().toBuffer(),
      plainGrey,
    ],
  ];
  async function plain(): Promise<Buffer> {
    return await png.clone().png().toBuffer();
  }
  async function plainGrey(): Promise<Buffer> {
    return await grey.clone().toColourspace("srgb").png().toBuffer();
  }

  test.each(kinds)("%s", async (kind, make, reference) => {
    const bytes = await make();
    const [expected] = await framesOf(await reference(), several);
    const [pixels] = await framesOf(bytes, several);
    const [alone] = await framesOf(bytes);
    const tolerance = kind === "CMYK" ? 12 : 3; // of 255; ink's profile does not give the very same colours back
    expect(meanDifference(pixels![0]!, expected![0]!)).toBeLessThan(tolerance);
    expect(meanDifference(pixels![1]!, expected![1]!)).toBeLessThan(tolerance);
    expect(meanDifference(alone![0]!, expected![0]!)).toBeLessThan(tolerance);
  });
});

describe("animations", () => {
  const colours = ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff"];
  async function animate(size: number): Promise<Sharp> {
    const frames = await Promise.all(
      colours.map(
        async (background) =>
          await sharp({ create: { width: size, height: size, channels: 3, background } })
            .png()
            .toBuffer(),
      ),
    );
    return sharp(frames, { join: { animated: true } });
  }

  test("every frame of a GIF is decoded, in order", async () => {
    const frames = await framesOf(await (await animate(64)).gif({ effort: 1 }).toBuffer());
    expect(frames.map(([pixels]) => [...pixels!.subarray(0, 3)])).toEqual([
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 0],
      [0, 255, 255],
      [255, 0, 255],
    ]);
  });

  test.each([
    ["first", [0]],
    ["sample:3", [0, 3, 5]],
    ["sample:6", undefined],
  ] as const)("with frames: %s only frames %j are rendered, and told", async (frames, numbers) => {
    const gif = await (await animate(64)).gif({ effort: 1 }).toBuffer();
    const whole = await framesOf(gif);
    const result = await createImageDecoder({ ...limits, specs: [spec], frames }).decode(gif);
    if (result.kind !== "decoded") throw new Error(result.reason);
    expect(result.sampled).toEqual(numbers && { of: 6, numbers });
    expect(result.frames.map((pixels) => [...pixels])).toEqual(
      (numbers ?? [0, 1, 2, 3, 4, 5]).map((number) => whole[number]),
    );
  });

  test.each(["gif", "webp"] as const)(
    "a window in the middle of a %s holds its own frames",
    async (format) => {
      const bytes = await (await animate(90)).toFormat(format, { lossless: true }).toBuffer();
      const whole = await framesOf(bytes, several);
      const source = {
        bytes,
        isJpegFile: false,
        failOn: "warning",
        maxPixels: 1e6,
        deadline: startDeadline(60_000),
      } as const;
      const window = await renderWindow(source, {
        window: { page: 2, pages: 3, numbers: [2, 4] },
        specs: [spec, larger],
      });
      expect(window).toEqual([whole[2], whole[4]]);
    },
  );

  test("a WebP's frames equal those that the decoder gives when asked for each alone", async () => {
    const webp = await (await animate(200)).webp({ lossless: true }).toBuffer();
    const frames = await framesOf(webp, several);
    expect(frames).toHaveLength(6);
    for (const [page, pixels] of frames.entries()) {
      const still = await sharp(webp, { page }).png().toBuffer();
      const [expected] = await framesOf(still, several);
      expect(pixels).toEqual(expected);
    }
  });
});

describe("TIFF pages", () => {
  const page = (width: number, height: number, background: string) =>
    sharp({ create: { width, height, channels: 3, background } });

  /** Two TIFFs made one: the second one's directory is moved behind the first, and its offsets with it. */
  async function joinPages(first: Sharp, second: Sharp): Promise<Buffer> {
    const a = await first.tiff({ compression: "none" }).toBuffer();
    const b = await second.tiff({ compression: "none" }).toBuffer();
    const start = a.length + (a.length % 2);
    const joined = Buffer.concat([a, Buffer.alloc(a.length % 2), moveTiff(b, start)]);
    joined.writeUInt32LE(start + b.readUInt32LE(4), endOfDirectory(a));
    return joined;
  }

  test("pages of different sizes are each seen whole", async () => {
    const tiff = await joinPages(page(300, 200, "#ff0000"), page(100, 400, "#0000ff"));
    const frames = await framesOf(tiff);
    expect(frames.map(([pixels]) => [...pixels!.subarray(0, 3)])).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  test("a second page above the limit is told by the headers", async () => {
    const tiff = await joinPages(page(30, 20, "#ff0000"), page(300, 400, "#0000ff"));
    const strict = createImageDecoder({ ...limits, maxImagePixels: 100_000, specs: [spec] });
    expect(await strict.decode(tiff)).toMatchObject({ reason: "too-many-pixels" });
  });
});

/** Type sizes of TIFF 6.0, section 2, by type number. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
const OFFSET_TAGS = new Set([273]); // StripOffsets

function endOfDirectory(tiff: Buffer): number {
  const at = tiff.readUInt32LE(4);
  return at + 2 + tiff.readUInt16LE(at) * 12;
}

/** The bytes of a little-endian TIFF for a place `by` bytes further on. */
function moveTiff(tiff: Buffer, by: number): Buffer {
  const moved = Buffer.from(tiff);
  const directory = tiff.readUInt32LE(4);
  for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
    const entry = directory + 2 + i * 12;
    const tag = tiff.readUInt16LE(entry);
    const bytes = TYPE_BYTES[tiff.readUInt16LE(entry + 2)]! * tiff.readUInt32LE(entry + 4);
    const place = bytes > 4 ? tiff.readUInt32LE(entry + 8) : entry + 8;
    if (OFFSET_TAGS.has(tag)) {
      for (let at = place; at < place + bytes; at += 4) {
        moved.writeUInt32LE(tiff.readUInt32LE(at) + by, at);
      }
    }
    if (bytes > 4) moved.writeUInt32LE(place + by, entry + 8);
  }
  return moved;
}
