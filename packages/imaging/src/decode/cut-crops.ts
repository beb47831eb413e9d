import type { PixelSpec } from "@sluice/inference";
import type { Geometry } from "./geometry.ts";
import type { RgbPixels } from "./rgb-pixels.ts";

/** Cuts crops out of a resized picture, one behind the other; rows are copied whole. */
export function cutCrops(
  { data, width }: RgbPixels,
  { width: cropWidth, height: cropHeight }: PixelSpec,
  crops: readonly Geometry[],
): Uint8Array {
  const rowBytes = cropWidth * 3;
  const cut = new Uint8Array(crops.length * cropHeight * rowBytes);
  let to = 0;
  for (const { left, top } of crops) {
    for (let y = top; y < top + cropHeight; y++) {
      const from = (y * width + left) * 3;
      cut.set(data.subarray(from, from + rowBytes), to);
      to += rowBytes;
    }
  }
  return cut;
}
