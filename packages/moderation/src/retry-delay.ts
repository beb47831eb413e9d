const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 300_000;

/** Milliseconds until the next attempt after `attempts` failures: 1 s, 2 s, 4 s … at most five minutes. */
export function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, Math.min(30, attempts - 1)));
}
