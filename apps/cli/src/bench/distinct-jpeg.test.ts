import { createImageDecoder, rasterizeSvg } from "@sluice/imaging";
import { expect, test } from "vitest";
import { distinctJpeg } from "./distinct-jpeg.ts";

test("each number makes another file with the same pixels, undamaged", async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="40" height="64" fill="red"/></svg>`;
  const bytes = await rasterizeSvg(svg, { format: "jpeg", quality: 90 });
  const first = distinctJpeg(bytes, 1);
  const second = distinctJpeg(bytes, 70_000);
  if (first === null || second === null) throw new Error("expected a JPEG");
  expect(first.equals(second)).toBe(false);
  const limits = {
    maxImagePixels: 1e6,
    maxProgressivePixels: 1e6,
    maxFrames: 1,
    maxPixelsInFlight: 1e8,
  };
  const specs = [
    { width: 32, height: 32, resize: 32, fit: "shortest-edge", interpolation: "bilinear" } as const,
  ];
  const decoder = createImageDecoder({ ...limits, decodeTimeoutMs: 20_000, specs });
  const plain = await decoder.decode(bytes);
  expect(plain).toMatchObject({ kind: "decoded", isDamaged: false });
  expect(await decoder.decode(first)).toEqual(plain);
  expect(await decoder.decode(second)).toEqual(plain);
});

test("what is no JPEG is left alone", () => {
  expect(distinctJpeg(Buffer.from("GIF89a"), 1)).toBeNull();
});
