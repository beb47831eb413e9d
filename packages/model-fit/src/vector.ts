/*
 * The loops in which a fit spends its time. They take offsets instead of sub-arrays, so that nothing is allocated in them.
 * `?? 0` satisfies the compiler; callers pass ranges inside of the arrays.
 */

export function dot(a: Float64Array, b: Float64Array): number {
  return dotAt(a, 0, b, 0, a.length);
}

/** Σ a[aStart + i] · b[bStart + i] over `length` numbers. */
export function dotAt(
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[aStart + i] ?? 0) * (b[bStart + i] ?? 0);
  return sum;
}

/** target += factor · source */
export function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  addScaledAt(target, 0, factor, source, 0, target.length);
}

/** target[targetStart + i] += factor · source[sourceStart + i] over `length` numbers. */
export function addScaledAt(
  target: Float64Array,
  targetStart: number,
  factor: number,
  source: Float64Array,
  sourceStart: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    target[targetStart + i] =
      (target[targetStart + i] ?? 0) + factor * (source[sourceStart + i] ?? 0);
  }
}

export function scale(target: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = factor * (target[i] ?? 0);
}

/** The maximum norm; NaN when a number is not finite. */
export function largestMagnitude(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    if (!Number.isFinite(magnitude)) return Number.NaN;
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
