import type { TensorDtype } from "./stored-tensor.ts";

/** The numbers of a stored tensor as float32. Integers are not weights: null. */
export function toFloat32(bytes: Buffer, dtype: TensorDtype): Float32Array | null {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  switch (dtype) {
    case "F32":
      return new Float32Array(copy);
    case "F64":
      return Float32Array.from(new Float64Array(copy));
    case "F16":
      return Float32Array.from(new Uint16Array(copy), halfToNumber);
    case "BF16":
      return widenBrainFloats(new Uint16Array(copy));
    default:
      return null;
  }
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 mantissa bits. */
function halfToNumber(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function widenBrainFloats(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (const [i, half] of halves.entries()) words[i] = half << 16;
  return new Float32Array(words.buffer);
}
