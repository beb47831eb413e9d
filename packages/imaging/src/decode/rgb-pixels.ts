import sharp, { type Sharp } from "sharp";
import { composeOnWhite } from "./compose-on-white.ts";

/** Decoded pixels: uint8, HWC, RGB; length `width * height * 3`. */
export interface RgbPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Runs a pipeline whose output is sRGB, its transparency put on white.
 *
 * @throws RangeError when the decoder gave another layout: everything that follows counts on three bytes per pixel
 */
export async function readRgb(image: Sharp): Promise<RgbPixels> {
  const output = image.raw({ depth: "uchar" });
  const { data, info } = await output.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (data.length === width * height * 4) return { data: composeOnWhite(data), width, height };
  if (data.length === width * height * 3) return { data, width, height };
  throw new RangeError(`expected 8-bit RGB or RGBA, received ${channels} channels`);
}

export function openRgb({ data, width, height }: RgbPixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
