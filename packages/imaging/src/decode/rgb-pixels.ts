import sharp, { type Sharp } from "sharp";

/** Decoded pixels: uint8, HWC, RGB; length `width * height * 3`. */
export interface RgbPixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Decoded pixels: uint8, HWC, RGB or RGBA with straight alpha; length `width * height * channels`. */
export interface DecodedPixels extends RgbPixels {
  readonly channels: 3 | 4;
}

/**
 * Runs a pipeline whose output is sRGB without transparency.
 *
 * @throws RangeError when the decoder gave another layout: everything that follows counts on three bytes per pixel
 */
export async function readRgb(image: Sharp): Promise<RgbPixels> {
  const pixels = await readPixels(image);
  if (pixels.channels === 3) return pixels;
  throw new RangeError("expected RGB, received transparency with it");
}

/** Runs a pipeline whose output is sRGB, with transparency or without. @throws RangeError */
export async function readPixels(image: Sharp): Promise<DecodedPixels> {
  const output = image.raw({ depth: "uchar" });
  const { data, info } = await output.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (data.length === width * height * 3) return { data, width, height, channels: 3 };
  if (data.length === width * height * 4) return { data, width, height, channels: 4 };
  throw new RangeError(`expected 8-bit RGB or RGBA, received ${channels} channels`);
}

export function openRgb({ data, width, height }: RgbPixels): Sharp {
  return openPixels({ data, width, height, channels: 3 });
}

export function openPixels({ data, width, height, channels }: DecodedPixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}
