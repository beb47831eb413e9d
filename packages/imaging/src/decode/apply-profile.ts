import sharp from "sharp";
import { encodeTiff } from "./encode-tiff.ts";
import { readRgb, type RgbPixels } from "./rgb-pixels.ts";

/**
 * Pixels in a colour profile become sRGB, as a viewer shows them; a profile that cannot be used leaves them as they
 * are. Done last, on what a model takes: on all pixels of a photograph it takes longer than decoding them.
 *
 * @param profile ICC, of a display
 */
export async function applyProfile(pixels: RgbPixels, profile: Uint8Array): Promise<Uint8Array> {
  const image = sharp(encodeTiff(pixels, profile)).toColourspace("srgb");
  return (await readRgb(image)).data;
}
