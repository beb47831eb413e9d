import { unscannableReasonSchema } from "@sluice/contracts";
import sharp from "sharp";
import { expect, test } from "vitest";
import { hardenDecoder } from "./harden-decoder.ts";
import { createImageDecoder } from "./image-decoder.ts";

const FILES = 10_000;
const AT_A_TIME = 4;
const SIDE = 48;

/** Deterministic, so that a file which fails can be made again: mulberry32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** One of each kind that strangers send, small, so that most bytes of a file are structure. */
async function makeOriginals(): Promise<Buffer[]> {
  const random = randomOf(1);
  const frame = (): Buffer =>
    Buffer.from(Array.from({ length: SIDE * SIDE * 3 }, () => random(256)));
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const still = sharp(frame(), { raw }).blur(2);
  const pages = { ...raw, height: SIDE * 3, pageHeight: SIDE };
  const moving = sharp(Buffer.concat([frame(), frame(), frame()]), { raw: pages });
  return await Promise.all([
    still.clone().jpeg().toBuffer(),
    still
      .clone()
      .jpeg({ progressive: true })
      .withExif({ IFD0: { Copyright: "x" } })
      .toBuffer(),
    still.clone().png().toBuffer(),
    still.clone().png({ progressive: true, palette: true }).toBuffer(),
    still.clone().withIccProfile("p3").png({ compressionLevel: 1 }).toBuffer(),
    still.clone().webp().toBuffer(),
    still.clone().webp({ lossless: true }).toBuffer(),
    still.clone().avif({ effort: 0 }).toBuffer(),
    still.clone().tiff({ compression: "lzw" }).toBuffer(),
    still.clone().tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    still.clone().gif().toBuffer(),
    moving.clone().gif().toBuffer(),
    moving.clone().webp().toBuffer(),
  ]);
}

type Mutation = (bytes: Buffer, random: (below: number) => number, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // some bytes changed anywhere
  (bytes, random) => {
    for (let i = 0; i <= random(8); i++) bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  // bytes of the header changed, where sizes and offsets stand
  (bytes, random) => {
    for (let i = 0; i <= random(4); i++) bytes[random(Math.min(64, bytes.length))] = random(256);
    return bytes;
  },
  // a length or an offset that says "everything"
  (bytes, random) => bytes.fill(0xff, random(bytes.length), bytes.length).subarray(0, bytes.length),
  (bytes, random) => {
    const at = random(bytes.length - 4);
    return bytes.fill([0xff, 0x7f, 0x00][random(3)] ?? 0, at, at + 4);
  },
  // cut off
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  // the beginning of one file and the end of another
  (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))]),
  // a piece twice
  (bytes, random) => {
    const at = random(bytes.length);
    const piece = bytes.subarray(at, at + random(200));
    return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)]);
  },
];

test(`${FILES} mutated files end in exactly one outcome each, within the memory that was set`, async () => {
  const originals = await makeOriginals();
  hardenDecoder();
  const decoder = createImageDecoder({
    specs: [{ fit: "shortest-edge", resize: 32, height: 32, width: 32, interpolation: "bilinear" }],
    maxImagePixels: 2_000_000,
    maxProgressivePixels: 1_000_000,
    maxFrames: 16,
    decodeTimeoutMs: 10_000,
  });
  const outcomes = new Map<string, number>();
  let next = 0;
  let afterWarmUp = 0;
  const work = async (): Promise<void> => {
    while (next < FILES) {
      const seed = next++;
      if (seed === FILES / 10) afterWarmUp = process.memoryUsage.rss();
      const outcome = await decoder.decode(mutate(originals, seed));
      const name = outcome.kind === "decoded" ? "decoded" : outcome.reason;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  expect([...outcomes.values()].reduce((a, b) => a + b, 0)).toBe(FILES);
  const known = new Set(["decoded", ...unscannableReasonSchema.options]);
  expect([...outcomes.keys()].filter((name) => !known.has(name))).toEqual([]);
  // Both ends of the ladder are met, or the mutations would be too weak or too strong to show anything.
  expect(outcomes.get("decoded")).toBeGreaterThan(FILES / 20);
  expect(outcomes.get("corrupt")).toBeGreaterThan(FILES / 20);
  expect(process.memoryUsage.rss() - afterWarmUp).toBeLessThan(200e6);
}, 300_000);

function mutate(originals: readonly Buffer[], seed: number): Buffer {
  const random = randomOf(seed + 2);
  const pick = (): Buffer => Buffer.from(originals[random(originals.length)] ?? Buffer.alloc(0));
  const mutation = MUTATIONS[random(MUTATIONS.length)];
  return mutation?.(pick(), random, pick()) ?? Buffer.alloc(0);
}
