/**
 * RGBA becomes RGB over white, in place: the result lies at the front of the given bytes. Rounded to nearest, as
 * Pillow's `alpha_composite` does; libvips' `flatten` rounds down, half a level on everything half-transparent.
 *
 * @param pixels uint8, HWC, RGBA with straight alpha; length a multiple of 4
 */
export function composeOnWhite(pixels: Uint8Array): Uint8Array {
  let to = 0;
  for (let from = 0; from < pixels.length; from += 4) {
    const alpha = pixels[from + 3] ?? 0;
    pixels[to++] = blend(pixels[from] ?? 0, alpha);
    pixels[to++] = blend(pixels[from + 1] ?? 0, alpha);
    pixels[to++] = blend(pixels[from + 2] ?? 0, alpha);
  }
  return pixels.subarray(0, to);
}

function blend(sample: number, alpha: number): number {
  if (alpha === 255) return sample;
  return 255 - divideBy255((255 - sample) * alpha);
}

/** Rounded to nearest; exact for 0 to 65,535. */
function divideBy255(value: number): number {
  const biased = value + 128;
  return (biased + (biased >> 8)) >> 8;
}
