import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PixelSpec } from "@sluice/inference";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { createImageDecoder } from "./image-decoder.ts";

/** See test/parity/preprocessing/README.md. */
interface Reference {
  readonly samples: number;
  readonly stride: number;
  readonly rings: readonly [number, number];
  readonly pictures: readonly string[];
  readonly specs: readonly PixelSpec[];
}

const folder = join(import.meta.dirname, "../../../../test/parity/preprocessing");
const reference: Reference = JSON.parse(
  await readFile(join(folder, "pillow/reference.json"), "utf8"),
);
const { samples, stride, specs } = reference;

/** Mean absolute error, of 255. */
const BAR = 0.5;

describe("every spec's pixels are Pillow's, whether the picture is decoded for it alone or for all", () => {
  test.each(reference.pictures)(
    "%s",
    async (name) => {
      const bytes = await readFile(join(folder, "pictures", name));
      expect(await findDeviations(name, bytes)).toEqual([]);
    },
    60_000,
  );

  test("12 megapixels without loss", async () => {
    const bytes = await drawRings(...reference.rings);
    expect(await findDeviations("rings", bytes)).toEqual([]);
  }, 60_000);
});

interface Deviation {
  readonly spec: PixelSpec;
  /** Error against Pillow when decoded for this spec alone. */
  readonly alone: number;
  /** The same when decoded for all specs at once. */
  readonly together: number;
  /** And for all specs of the same filter, which may share a step. */
  readonly withFilter: number;
  /** Error between the first two, over all pixels. */
  readonly between: number;
}

/** The specs that miss the bar. */
async function findDeviations(name: string, bytes: Buffer): Promise<Deviation[]> {
  const pillows = await readPillows(name);
  const together = await decode(bytes, specs);
  const withFilter = await decodeByFilter(bytes);
  const deviations: Deviation[] = [];
  for (const [i, spec] of specs.entries()) {
    const [alone] = await decode(bytes, [spec]);
    deviations.push({
      spec,
      alone: errorOf(sample(alone!), pillows[i]!),
      together: errorOf(sample(together[i]!), pillows[i]!),
      withFilter: errorOf(sample(withFilter[i]!), pillows[i]!),
      between: errorOf(alone!, together[i]!),
    });
  }
  return deviations.filter(
    ({ alone, together: all, withFilter: some, between }) =>
      Math.max(alone, all, some, between) > BAR,
  );
}

async function decodeByFilter(bytes: Buffer): Promise<readonly Uint8Array[]> {
  const pixels = new Map<PixelSpec, Uint8Array>();
  for (const group of Map.groupBy(specs, ({ interpolation }) => interpolation).values()) {
    const decoded = await decode(bytes, group);
    for (const [i, spec] of group.entries()) pixels.set(spec, decoded[i]!);
  }
  return specs.map((spec) => pixels.get(spec)!);
}

/** Per spec, RGB of every sampled pixel. */
async function readPillows(name: string): Promise<Uint8Array[]> {
  const rows = await sharp(join(folder, "pillow", `${name}.png`))
    .raw()
    .toBuffer();
  return specs.map((_, i) => rows.subarray(i * samples * 3, (i + 1) * samples * 3));
}

async function decode(bytes: Buffer, wanted: readonly PixelSpec[]): Promise<readonly Uint8Array[]> {
  const decoder = createImageDecoder({
    specs: wanted,
    maxImagePixels: 100_000_000,
    maxProgressivePixels: 50_000_000,
    maxFrames: 1,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 60_000,
  });
  const result = await decoder.decode(bytes);
  if (result.kind !== "decoded") throw new Error(`${result.reason}: ${result.detail}`);
  return result.frames[0]!;
}

/** The pixels that the reference holds. */
function sample(pixels: Uint8Array): Uint8Array {
  const sampled = new Uint8Array(samples * 3);
  for (let i = 0; i < samples; i++) {
    const at = ((i * stride) % (pixels.length / 3)) * 3;
    sampled.set(pixels.subarray(at, at + 3), i * 3);
  }
  return sampled;
}

function errorOf(actual: Uint8Array, expected: Uint8Array): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} is not ${expected.length} bytes`);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += Math.abs(actual[i]! - expected[i]!);
  return sum / actual.length;
}

/** As `draw_rings` in pictures.py. */
async function drawRings(width: number, height: number): Promise<Buffer> {
  const pixels = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) pixels[at++] = (x * x + y * y) >> (10 + c);
    }
  }
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  return await image.tiff({ compression: "none" }).toBuffer();
}
