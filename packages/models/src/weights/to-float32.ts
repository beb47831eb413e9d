import type { TensorDtype } from "./stored-tensor.ts";

/**
 * The numbers of a stored tensor as float32; a view of `bytes` where they are float32 already. Integers are not
 * weights: null.
 */
export function toFloat32(bytes: Buffer, dtype: TensorDtype): Float32Array | null {
  switch (dtype) {
    case "F32":
      return new Float32Array(...aligned(bytes, 4));
    case "F64":
      return Float32Array.from(new Float64Array(...aligned(bytes, 8)));
    case "F16":
      return widenHalfs(new Uint16Array(...aligned(bytes, 2)));
    case "BF16":
      return widenBrainFloats(new Uint16Array(...aligned(bytes, 2)));
    default:
      return null;
  }
}

/** What a typed array of `width` bytes per element is made of: the buffer itself if it begins at a multiple, or a copy. */
function aligned(bytes: Buffer, width: number): [ArrayBufferLike, number, number] {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = byteLength / width;
  if (byteOffset % width === 0) return [buffer, byteOffset, count];
  return [buffer.slice(byteOffset, byteOffset + byteLength), 0, count];
}

function widenHalfs(halfs: Uint16Array): Float32Array {
  const values = new Float32Array(halfs.length);
  for (let i = 0; i < halfs.length; i++) values[i] = halfToNumber(halfs[i] ?? 0);
  return values;
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
function widenBrainFloats(halfs: Uint16Array): Float32Array {
  const words = new Uint32Array(halfs.length);
  for (let i = 0; i < halfs.length; i++) words[i] = (halfs[i] ?? 0) << 16;
  return new Float32Array(words.buffer);
}
