export { fillTensor, type Gains } from "../random/formula-tensor.ts";

/**
 * Pictures by the formula of test/parity/README.md: triangle waves from -2 to 2, of another frequency in each picture;
 * `[count, 3, side, side]`.
 */
export function drawPictures(count: number, side: number): Float32Array {
  return Float32Array.from({ length: count * 3 * side * side }, (_, i) => {
    const x = i % side;
    const y = Math.floor(i / side) % side;
    const c = Math.floor(i / side ** 2) % 3;
    const n = Math.floor(i / (3 * side ** 2));
    const wave = (x * (1 + n) + y * (2 + 3 * n) + ((x * y) >> 3) * (n & 3) + 21 * c) % 64;
    return Math.abs(wave - 32) / 8 - 2;
  });
}
