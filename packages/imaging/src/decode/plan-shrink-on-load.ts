import type { PixelSpec } from "@sluice/inference";
import { LAST_FACTOR, type PictureSize } from "./plan-shrinks.ts";

/**
 * What sharp 0.35 lets libjpeg shrink a step by, at least `factor`, with the option `fastShrinkOnLoad`. It keeps one
 * power of two less where the factor is barely above one.
 */
const SHARES = [
  { factor: 9, share: 8 },
  { factor: 5, share: 4 },
  { factor: 3, share: 2 },
];

/** What libvips does of the same step stays below the factor from which it averages blocks. */
const MOST_FOR_LIBVIPS = 4;

/**
 * The least that the last step may shrink by. With `cubic` before `cubic` all down to 2.5 stays within 0.4 of 255 of Pillow, where no share at
 * all would cost twice the time. For bilinear nothing below three does: 0.5 on circuit boards, 0.54 on a page of text.
 */
const LEAST_LAST_FACTOR = { bilinear: LAST_FACTOR, bicubic: 2.5 } as const;

/**
 * The first step from a JPEG file when libjpeg may begin it while it decodes; null when all pixels are to be decoded.
 * It saves a quarter to a half of the time. libjpeg's share must divide both sides: it rounds sizes up, and libvips
 * then stretches the surplus over the picture, which costs photographs 1 to 4 levels of mean error.
 */
export function planShrinkOnLoad(
  from: PictureSize,
  target: PictureSize,
  interpolation: PixelSpec["interpolation"],
): PictureSize | null {
  const least = LEAST_LAST_FACTOR[interpolation];
  for (const { factor, share } of SHARES) {
    const step = {
      width: stepOf(from.width / factor, target.width),
      height: stepOf(from.height / factor, target.height),
    };
    if (step.width < least * target.width || step.height < least * target.height) continue;
    const largest = Math.max(from.width / step.width, from.height / step.height);
    if (largest >= MOST_FOR_LIBVIPS * share) return null;
    return from.width % share === 0 && from.height % share === 0 ? step : null;
  }
  return null;
}

/** @param most that sharp lets libjpeg begin */
function stepOf(most: number, target: number): number {
  return Math.min(LAST_FACTOR * target, Math.floor(most));
}
