export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * What the last step shrinks by when others come before it: enough that the result is the model's own filter's, and
 * whole, because libvips rounds a filter's place to 1/64 of a pixel.
 */
export const LAST_FACTOR = 3;

/**
 * From this factor on libvips averages whole blocks before it filters. Those averages are off by up to two thirds of
 * a level (blocks of 3, 5, 6 and 7 are rounded down, of 2 and 4 up; measured with libvips 8.18), so no step gets there.
 */
const BLOCK_FACTOR = 4;

const MOST_PER_STEP = 3.9;

/** What a step leaves that cannot reach `LAST_FACTOR` times the target yet. */
const LEAST_BEFORE_LAST = 4.5;

/**
 * The sizes that a picture is shrunk to, one after the other; the last is the smaller of picture and target on either
 * axis, and there is none when no axis shrinks. Each step shrinks an axis by less than four.
 */
export function planShrinks(from: PictureSize, target: PictureSize): PictureSize[] {
  const steps: PictureSize[] = [];
  let size = from;
  while (size.width > target.width || size.height > target.height) {
    const isLast =
      size.width < BLOCK_FACTOR * target.width && size.height < BLOCK_FACTOR * target.height;
    const shrink = isLast ? Math.min : shrinkSide;
    size = {
      width: shrink(size.width, target.width),
      height: shrink(size.height, target.height),
    };
    steps.push(size);
  }
  return steps;
}

function shrinkSide(side: number, target: number): number {
  if (side < BLOCK_FACTOR * target) return side;
  const wanted = LAST_FACTOR * target;
  if (side < BLOCK_FACTOR * wanted) return wanted;
  return Math.ceil(Math.max(side / MOST_PER_STEP, LEAST_BEFORE_LAST * target));
}
