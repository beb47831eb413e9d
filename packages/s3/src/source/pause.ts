import type { Clock } from "@sluice/sources";

/** Resolves after so long, or as soon as the signal says so. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const cancel = clock.schedule(delayMs, end);
  signal.addEventListener("abort", end);
  await promise;
  signal.removeEventListener("abort", end);
  cancel();
}
