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
 * The first step from a JPEG file when libjpeg may begin it while it decodes; null when all pixels are to be decoded.
 * It saves a quarter to a half of the time. libjpeg's share must divide both sides: it rounds sizes up, and libvips
 * then stretches the surplus over the picture, which costs photographs 1 to 4 levels of mean error.
 */
export function planShrinkOnLoad(from: PictureSize, target: PictureSize): PictureSize | null {
  const step = { width: LAST_FACTOR * target.width, height: LAST_FACTOR * target.height };
  const factors = [from.width / step.width, from.height / step.height];
  const share = SHARES.find(({ factor }) => Math.min(...factors) >= factor)?.share;
  if (share === undefined || Math.max(...factors) >= MOST_FOR_LIBVIPS * share) return null;
  return from.width % share === 0 && from.height % share === 0 ? step : null;
}
