import { unscannableReasonSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { drawHostileOriginals } from "../drawing/draw-hostile-originals.ts";
import { mutateFile } from "../drawing/mutate-file.ts";
import { hardenDecoder } from "./harden-decoder.ts";
import { createImageDecoder } from "./image-decoder.ts";

/** The first of those that go through a whole engine in apps/worker. */
const FILES = 3000;
const AT_A_TIME = 4;

test(`${FILES} mutated files end in exactly one outcome each, within the memory that was set`, async () => {
  const originals = await drawHostileOriginals();
  hardenDecoder();
  const decoder = createImageDecoder({
    specs: [{ fit: "shortest-edge", resize: 32, height: 32, width: 32, interpolation: "bilinear" }],
    maxImagePixels: 2_000_000,
    maxProgressivePixels: 1_000_000,
    maxFrames: 16,
    maxPixelsInFlight: 4e8,
    decodeTimeoutMs: 10_000,
  });
  const outcomes = new Map<string, number>();
  let next = 0;
  let afterWarmUp = 0;
  const work = async (): Promise<void> => {
    while (next < FILES) {
      const seed = next++;
      if (seed === FILES / 10) afterWarmUp = process.memoryUsage.rss();
      const outcome = await decoder.decode(mutateFile(originals, seed));
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
