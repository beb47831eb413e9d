/** Each round takes at least so long, so that fast models are not timed by the clock's grain. */
const LEAST_ROUND_MS = 200;

/** Mean time of one run, in milliseconds. */
export async function timeRound(run: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  let runs = 0;
  do {
    await run();
    runs += 1;
  } while (performance.now() - startedAt < LEAST_ROUND_MS);
  return (performance.now() - startedAt) / runs;
}

/** Bytes that are the same every time and that no network finds easy. */
export function noise(length: number): Uint8Array {
  const pixels = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes, chapter 7.1
    pixels[i] = state >>> 24;
  }
  return pixels;
}
