/** How a crashed app is started again: soon at first, ever more seldom while it keeps crashing. */
export interface RestartLimits {
  /** Pause before the first restart. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** An app that stayed up this long has recovered: its next crash counts as a first one. */
  readonly steadyAfterMs: number;
}

export const RESTART_LIMITS: RestartLimits = {
  firstDelayMs: 250,
  maxDelayMs: 15_000,
  steadyAfterMs: 60_000,
};

/** Crashes in a row, counting the one that just ended a life of `upMs`. */
export function countCrash(crashesBefore: number, upMs: number, limits: RestartLimits): number {
  return upMs >= limits.steadyAfterMs ? 1 : crashesBefore + 1;
}

/** Pause before the restart that follows crash number `crashes` in a row (from 1): doubles each time. */
export function restartDelayMs(crashes: number, limits: RestartLimits): number {
  return Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (crashes - 1));
}
