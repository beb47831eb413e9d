/**
 * Weights by the formula of test/parity/README.md, the same to the last bit as in Python: whole numbers, divisions by
 * powers of two, and one multiplication in double precision.
 */

/** Pairs of a pattern of tensor names and a factor; the first that matches is used. */
export type Gains = readonly (readonly [pattern: string, factor: number])[];

/** What the tensor of this name holds, in row-major order. */
export function fillTensor(name: string, shape: readonly number[], gains: Gains): Float32Array {
  const { offset, scale } = spreadOf(name, shape, gains);
  const seed = seedOf(name);
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) values[i] = offset + noise(seed, i) * scale;
  return values;
}

/** Values are `offset + scale * noise`, noise uniform in [-1, 1); convolutions keep the variance of what they read. */
function spreadOf(
  name: string,
  shape: readonly number[],
  gains: Gains,
): { offset: number; scale: number } {
  const gain = gains.find(([pattern]) => new RegExp(pattern, "u").test(name))?.[1] ?? 1;
  if (name.endsWith("running_var")) return { offset: 1, scale: 1 / 2 };
  if (name.endsWith("running_mean") || name.endsWith("bias")) return { offset: 0, scale: 1 / 4 };
  if (shape.length === 1) return { offset: gain, scale: gain / 4 };
  const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
  return { offset: 0, scale: gain * Math.sqrt(6 / fanIn) };
}

/** 32-bit FNV-1a. */
function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed;
}

/** murmur3's finaliser over a counter; uniform in [-1, 1) in steps of 2^-23. */
function noise(seed: number, i: number): number {
  let h = (Math.imul(i, 0x9e3779b9) + seed) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 8) / 2 ** 23 - 1;
}
