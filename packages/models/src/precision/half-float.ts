/** Largest finite float16. */
export const LARGEST_HALF = 65_504;

/**
 * float16 bits of float32 numbers, rounded to nearest, ties to even; what is too large becomes infinite.
 *
 * @returns one uint16 for each number
 */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = roundToHalf(bits[i] ?? 0);
  return halves;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // NaN keeps a bit of its payload; infinity has none.
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  const exponent = (magnitude >>> 23) - 127;
  if (exponent > 15) return sign | 0x7c00;
  if (exponent >= -14) {
    // Rounding may carry into the exponent, and from the largest number into infinity: both are right.
    return sign | roundShift(magnitude - ((127 - 15) << 23), 13);
  }
  if (exponent < -25) return sign;
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, -exponent - 1);
}

/** `value / 2^shift` to the nearest whole number, ties to even. */
function roundShift(value: number, shift: number): number {
  const rest = value & (2 ** shift - 1);
  const half = 2 ** (shift - 1);
  const whole = value >>> shift;
  return whole + (rest > half || (rest === half && whole % 2 === 1) ? 1 : 0);
}
