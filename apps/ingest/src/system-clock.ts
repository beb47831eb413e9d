import type { Clock } from "@sluice/sources";

/** The clock of this computer. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** `setTimeout` fires at once for anything longer; whoever waits for more is woken early and waits again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
