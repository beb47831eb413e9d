/** Bits per key: 1 key in 120 that is not there seems to be. */
const BITS_PER_KEY = 10;
const HASHES = 4;
const MAX_BYTES = 32 << 20;

/**
 * Remembers which paths a listing told of, in about a byte each (a Bloom filter): what it says is absent was not told of; what it says
 * is there almost always was. With another seed each time, the few that are taken for others are others the next time.
 */
export class KeyFilter {
  readonly #bits: Uint8Array;
  readonly #seed: number;

  constructor(expected: number, seed: number) {
    const bytes = Math.ceil((Math.max(1024, expected) * BITS_PER_KEY) / 8);
    this.#bits = new Uint8Array(Math.min(MAX_BYTES, bytes));
    this.#seed = seed;
  }

  add(key: string): void {
    for (const bit of this.#bitsOf(key)) {
      const at = bit >>> 3;
      this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (bit & 7));
    }
  }

  has(key: string): boolean {
    return this.#bitsOf(key).every(
      (bit) => ((this.#bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0,
    );
  }

  #bitsOf(key: string): number[] {
    const size = this.#bits.length * 8;
    const first = hash(key, this.#seed);
    const step = hash(key, first) | 1;
    return Array.from({ length: HASHES }, (_, n) => ((first + Math.imul(n, step)) >>> 0) % size);
  }
}

/** FNV-1a over code units, with a last mix so that names that differ in their last digit alone lie apart. */
function hash(text: string, seed: number): number {
  let value = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
