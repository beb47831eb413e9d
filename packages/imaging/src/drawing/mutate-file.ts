/** Whole numbers from 0 to below `below`, the same for the same seed: mulberry32. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A file as an attacker or a broken disk would leave one of these; the same seed gives the same bytes, so what fails can be made again. */
export function mutateFile(originals: readonly Buffer[], seed: number): Buffer {
  const random = randomOf(seed + 2);
  const pick = (): Buffer => Buffer.from(originals[random(originals.length)] ?? Buffer.alloc(0));
  const mutation = MUTATIONS[random(MUTATIONS.length)];
  return mutation?.(pick(), random, pick()) ?? Buffer.alloc(0);
}

/** May change the bytes in place. */
type Mutation = (bytes: Buffer, random: (below: number) => number, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // some bytes changed anywhere
  (bytes, random) => {
    for (let i = 0; i <= random(8); i++) bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  // bytes of the header changed, where sizes and offsets stand
  (bytes, random) => {
    for (let i = 0; i <= random(4); i++) bytes[random(Math.min(64, bytes.length))] = random(256);
    return bytes;
  },
  // a length or an offset that says "everything"
  (bytes, random) => bytes.fill(0xff, random(bytes.length)),
  (bytes, random) => {
    const at = random(bytes.length - 4);
    return bytes.fill([0xff, 0x7f, 0x00][random(3)] ?? 0, at, at + 4);
  },
  // cut off
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  // the beginning of one file and the end of another
  (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, random(bytes.length)), other.subarray(random(other.length))]),
  // a piece twice
  (bytes, random) => {
    const at = random(bytes.length);
    const piece = bytes.subarray(at, at + random(200));
    return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)]);
  },
];
