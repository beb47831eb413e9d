/**
 * Puts items in an order that depends on nothing but the seed: Fisher–Yates with SplitMix32, the 32-bit
 * form of Steele, Lea & Flood's SplitMix ("Fast splittable pseudorandom number generators", OOPSLA 2014) with the mixer
 * of MurmurHash3.
 */
export function shuffle(items: Int32Array, seed: number): Int32Array {
  const shuffled = items.slice();
  const next = splitMix32(seed);
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    const moved = shuffled[last] ?? 0;
    shuffled[last] = shuffled[other] ?? 0;
    shuffled[other] = moved;
  }
  return shuffled;
}

/** Uniform in [0, 1). */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    return (mixed >>> 0) / 2 ** 32;
  };
}
