import type { JobsOptions } from "bullmq";

/** Largest job in bytes of JSON: a verdict of 64 images with 1,000 labels each stays below. */
const MAX_JOB_BYTES = 32 << 20;
/** Attempts before a job goes to the dead letters; with the backoff below that is more than eight hours. */
const MAX_ATTEMPTS = 1000;

/** Finished jobs are removed at once: the journal and the decisions remember, Redis does not. */
export const JOB_OPTIONS: JobsOptions = {
  attempts: MAX_ATTEMPTS,
  backoff: { type: "custom" },
  removeOnComplete: true,
  removeOnFail: true,
  sizeLimit: MAX_JOB_BYTES,
};

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;

/** Exponential from half a second to 30 s, with up to a quarter of jitter. `attemptsMade` counts from 1. */
export function backoffDelayMs(attemptsMade: number, random: () => number = Math.random): number {
  const doublings = Math.min(10, Math.max(0, attemptsMade - 1)); // 2 ** 1000 is no number any more
  const base = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** doublings);
  return Math.round(base * (1 + random() / 4));
}
