import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeAnimatedPng,
  type AnimatedPngFrame,
  type AnimatedPngOptions,
} from "../../drawing/encode-animated-png.ts";
import { createImageDecoder, type DecoderOptions } from "../image-decoder.ts";
import { encodeChunk, isAnimatedPng, readChunks } from "./png-chunks.ts";

const SIDE = 6;
const limits = {
  maxImagePixels: 1_000_000,
  maxProgressivePixels: 1_000_000,
  maxFrames: 8,
  maxPixelsInFlight: 4e8,
  decodeTimeoutMs: 20_000,
};
/** The picture as it is: what a frame's pixels are can be read from the outcome. */
const spec = {
  fit: "stretch",
  resize: SIDE,
  height: SIDE,
  width: SIDE,
  interpolation: "bilinear",
} as const;

async function decode(bytes: Buffer, options: Partial<DecoderOptions> = {}) {
  return await createImageDecoder({ ...limits, specs: [spec], ...options }).decode(bytes);
}

async function framesOf(options: AnimatedPngOptions): Promise<Uint8Array[]> {
  const result = await decode(encodeAnimatedPng(options));
  if (result.kind !== "decoded") throw new Error(`${result.reason}: ${result.detail}`);
  return result.frames.map(([pixels]) => Uint8Array.from(pixels!));
}

function solid(width: number, height: number, colour: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: width * height * 4 }, (_, i) => colour[i % 4]!);
}

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const whole = { left: 0, top: 0, width: SIDE, height: SIDE, disposal: 0, blend: 0 } as const;
const red = { ...whole, pixels: solid(SIDE, SIDE, RED) };
const green = { ...whole, pixels: solid(SIDE, SIDE, GREEN) };
const size = { width: SIDE, height: SIDE };

/** How the specification says it, a pixel at a time; alpha is all or nothing, so that there is nothing to round. */
function compose({ frames, defaultImage }: AnimatedPngOptions): Uint8Array[] {
  let canvas = new Uint8Array(SIDE * SIDE * 4);
  const shown = frames.map(({ left, top, width, height, pixels, disposal, blend }) => {
    const before = canvas.slice();
    const after = canvas.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [from, to] = [(y * width + x) * 4, ((top + y) * SIDE + left + x) * 4];
        const pixel = pixels.subarray(from, from + 4);
        if (blend === 0 || pixel[3] === 255) after.set(pixel, to);
        if (disposal === 1) canvas.fill(0, to, to + 4);
        else if (disposal === 0) canvas.set(after.subarray(to, to + 4), to);
      }
    }
    if (disposal === 2) canvas = before;
    return after;
  });
  return [...shown, ...(defaultImage === undefined ? [] : [defaultImage])].map(onWhite);
}

function onWhite(rgba: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: (rgba.length / 4) * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3) * 4;
    return rgba[pixel + 3] === 0 ? 255 : rgba[pixel + (i % 3)]!;
  });
}

const anyPixels = (pixels: number) =>
  fc
    .array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.constantFrom(0, 255)), {
      minLength: pixels,
      maxLength: pixels,
    })
    .map((all) => Uint8Array.from(all.flat()));

const anyFrame: fc.Arbitrary<AnimatedPngFrame> = fc
  .record({ left: fc.nat(SIDE - 1), top: fc.nat(SIDE - 1) })
  .chain(({ left, top }) =>
    fc.record({
      left: fc.constant(left),
      top: fc.constant(top),
      width: fc.integer({ min: 1, max: SIDE - left }),
      height: fc.integer({ min: 1, max: SIDE - top }),
    }),
  )
  .chain((place) =>
    fc.record({
      left: fc.constant(place.left),
      top: fc.constant(place.top),
      width: fc.constant(place.width),
      height: fc.constant(place.height),
      disposal: fc.constantFrom(0, 1, 2),
      blend: fc.constantFrom(0, 1),
      pixels: anyPixels(place.width * place.height),
    }),
  );

const anyAnimation: fc.Arbitrary<AnimatedPngOptions> = fc.record({
  width: fc.constant(SIDE),
  height: fc.constant(SIDE),
  frames: fc.array(anyFrame, { minLength: 1, maxLength: 5 }),
  defaultImage: anyPixels(SIDE * SIDE),
});

describe("an animated PNG", () => {
  test("is seen frame by frame, each as it is laid on the canvas and taken away again, and its default image last", async () => {
    await fc.assert(
      fc.asyncProperty(anyAnimation, async (animation) => {
        expect(await framesOf(animation)).toEqual(compose(animation));
      }),
      { numRuns: 60 },
    );
  });

  test("whose first frame is the default image has no picture beside its frames", async () => {
    const frames = await framesOf({ ...size, frames: [red, green] });
    expect(frames.map((pixels) => [...pixels.subarray(0, 3)])).toEqual([
      [255, 0, 0],
      [0, 255, 0],
    ]);
  });

  test("with some frames chosen, those between are drawn and not looked at", async () => {
    const corner = { ...red, width: 1, height: 1, pixels: solid(1, 1, RED) };
    const bytes = encodeAnimatedPng({ ...size, frames: [green, corner, { ...corner, left: 1 }] });
    const result = await decode(bytes, { frames: "sample:2" });
    if (result.kind !== "decoded") throw new Error(result.reason);
    expect(result.sampled).toEqual({ of: 3, numbers: [0, 2] });
    const [, last] = result.frames.map(([pixels]) => [...pixels!.subarray(0, 9)]);
    expect(last).toEqual([255, 0, 0, 255, 0, 0, 0, 255, 0]);
  });

  test("half-transparent pixels are laid over what is below, then on white", async () => {
    const half = { ...whole, blend: 1 as const, pixels: solid(SIDE, SIDE, [0, 0, 255, 128]) };
    const [, second] = await framesOf({ ...size, frames: [red, half] });
    const [r = 0, g = 0, b = 0] = second!;
    expect(Math.abs(r - 127)).toBeLessThanOrEqual(1);
    expect(g).toBe(0);
    expect(Math.abs(b - 128)).toBeLessThanOrEqual(1);
  });

  test("has limits by its headers: frames, and pixels of all frames together", async () => {
    const nine = encodeAnimatedPng({ ...size, frames: Array.from({ length: 9 }, () => red) });
    expect(await decode(nine)).toMatchObject({ reason: "too-many-frames" });
    const three = encodeAnimatedPng({ ...size, frames: [red, green, red] });
    const tight = { maxImagePixels: 3 * SIDE * SIDE - 1 };
    expect(await decode(three, tight)).toMatchObject({ reason: "too-many-pixels" });
    expect(await decode(three)).toMatchObject({ kind: "decoded", format: "png", isDamaged: false });
  });

  test("has one time limit for all of its frames", async () => {
    const slow = encodeAnimatedPng({ ...size, frames: [red, green, red] });
    expect(await decode(slow, { decodeTimeoutMs: 0 })).toMatchObject({ reason: "timeout" });
  });
});

test("a frame that only the tolerant decoder reads makes the picture a damaged one", async () => {
  const bytes = change("fdAT", (data) => data.fill(0x55, 4));
  expect(await decode(bytes)).toMatchObject({ kind: "decoded", isDamaged: true });
});

/** A good animation, with what one chunk became. */
function change(type: string, to: (data: Buffer) => Buffer | null): Buffer {
  const good = encodeAnimatedPng({ ...size, frames: [red, green] });
  const chunks = [...readChunks(good)].map((chunk) => {
    const data = chunk.type === type ? to(Buffer.from(chunk.data)) : chunk.data;
    return data === null ? Buffer.alloc(0) : encodeChunk(chunk.type, data);
  });
  return Buffer.concat([good.subarray(0, 8), ...chunks]);
}

function write(at: number, value: number): (data: Buffer) => Buffer {
  return (data) => {
    data.writeUInt32BE(value, at);
    return data;
  };
}

test.each<[string, Buffer, RegExp]>([
  ["fewer frames than it promises", change("acTL", write(0, 3)), /2 frames, 3 in its header/u],
  ["more frames than it promises", change("acTL", write(0, 1)), /2 frames, 1 in its header/u],
  ["a frame beside the canvas", change("fcTL", write(12, 1)), /6 × 6 at 1, 0 on 6 × 6/u],
  ["a frame of no size", change("fcTL", write(4, 0)), /0 × 6/u],
  ["chunks out of order", change("fdAT", write(0, 7)), /chunk 7 stands where 2 should/u],
  ["a frame without data", change("fdAT", () => null), /no data/u],
  ["frames without controls", change("fcTL", () => null), /stand where none may/u],
  ["an unknown disposal", change("fcTL", (data) => data.fill(9, 24, 25)), /unknown way/u],
  ["no end", change("IEND", () => null), /cut off/u],
  [
    "a wrong checksum",
    (() => {
      const bytes = encodeAnimatedPng({ ...size, frames: [red, green] });
      bytes[bytes.length - 14]! ^= 1; // of the last frame: the end chunk has twelve bytes
      return bytes;
    })(),
    /checksum of fdAT/u,
  ],
])("%s: viewers differ in what they show, so a person looks at it", async (_, bytes, detail) => {
  const outcome = await decode(bytes);
  expect(outcome).toMatchObject({ kind: "unscannable", reason: "hidden-frames" });
  expect("detail" in outcome && outcome.detail).toMatch(detail);
});

/** Chunks left out, doubled, exchanged or with other bytes, all with right checksums: nothing but the structure is wrong. */
const anyRearrangement = fc.array(
  fc.record({
    what: fc.constantFrom("drop", "double", "exchange", "change"),
    at: fc.nat(1000),
    with: fc.nat(1000),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 3 },
);

test("whatever the chunks are made into, as many pictures are looked at as there are frames, or none", async () => {
  const good = encodeAnimatedPng({
    ...size,
    frames: [red, green, { ...red, blend: 1, disposal: 2 }],
    defaultImage: green.pixels,
  });
  await fc.assert(
    fc.asyncProperty(anyRearrangement, async (steps) => {
      const chunks = [...readChunks(good)].map(({ type, data }) => ({
        type,
        data: Buffer.from(data),
      }));
      for (const step of steps) {
        const [at, other] = [step.at % chunks.length, step.with % chunks.length];
        const [here, there] = [chunks[at]!, chunks[other]!];
        if (step.what === "drop" && chunks.length > 1) chunks.splice(at, 1);
        else if (step.what === "double") chunks.splice(other, 0, here);
        else if (step.what === "exchange") [chunks[at], chunks[other]] = [there, here];
        else if (here.data.length > 0) here.data[step.with % here.data.length] = step.byte;
      }
      const bytes = Buffer.concat([
        good.subarray(0, 8),
        ...chunks.map(({ type, data }) => encodeChunk(type, data)),
      ]);
      const outcome = await decode(bytes);
      const controls = chunks.filter(({ type }) => type === "fcTL").length;
      const frames = isAnimatedPng(bytes) ? controls : 1;
      const seen = outcome.kind === "decoded" ? outcome.frames.length : frames;
      expect(seen).toBeGreaterThanOrEqual(frames);
    }),
    { numRuns: 300 },
  );
}, 60_000);
