/** Least and greatest value that a tensor is expected to hold. */
export interface ValueRange {
  readonly least: number;
  readonly greatest: number;
}

/** `real = (quantised − zeroPoint)·scale` with `quantised` in 0…255. */
export interface ActivationScale {
  /** Above zero; rounded to float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

const LEVELS = 255;

/**
 * The finest uint8 scale that covers a range and represents zero exactly, so that padding and ReLU stay exact.
 * A range of nothing but zero gets scale 1: any would do, and none may divide by zero.
 */
export function chooseScale({ least, greatest }: ValueRange): ActivationScale {
  const low = Math.min(least, 0);
  const high = Math.max(greatest, 0);
  const scale = Math.fround((high - low) / LEVELS);
  // A range below float32's normal numbers has no usable reciprocal.
  if (!(scale >= SMALLEST)) return { scale: 1, zeroPoint: 0 };
  const zeroPoint = Math.min(LEVELS, Math.max(0, Math.round(-low / scale)));
  return { scale, zeroPoint };
}

const SMALLEST = 2 ** -100;
