import { setTimeout as delay } from "node:timers/promises";
import { RecordsView } from "@sluice/storage";
import { CliError } from "../cli-error.ts";

export interface AwaitDecisionsOptions {
  readonly databasePath: string;
  /** Decisions that there must be in all. */
  readonly count: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (decided: number) => void;
}

const LOOK_EVERY_MS = 50;

/**
 * Waits until so many decisions are recorded and everything they ask for is done. Throws CliError (DEMO_TIMEOUT),
 * or the signal's reason.
 */
export async function awaitDecisions(options: AwaitDecisionsOptions): Promise<void> {
  const { count, timeoutMs, signal, onProgress } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    signal.throwIfAborted();
    const { decided, open } = look(options.databasePath);
    onProgress(decided);
    if (decided >= count && open === 0) return;
    if (deadline.aborted) {
      throw new CliError(
        "DEMO_TIMEOUT",
        `after ${timeoutMs / 1000} s only ${decided} of ${count} uploads were decided, ${open} effects are not done`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

function look(databasePath: string): { decided: number; open: number } {
  using records = RecordsView.open(databasePath);
  if (records === null) return { decided: 0, open: 0 };
  const counts = records.counts();
  const decided = Object.values(counts.decisions).reduce((sum, n) => sum + n, 0);
  return { decided, open: counts.openEffects };
}
