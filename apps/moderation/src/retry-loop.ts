import { setTimeout as delay } from "node:timers/promises";
import type { SettledSender } from "@sluice/queue";
import type { Moderation } from "./compose.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** How often failed effects are looked at; each says itself when it is due. */
const INTERVAL_MS = 1_000;

export interface RetryLoopOptions {
  readonly moderation: Pick<Moderation, "retry">;
  readonly sender: Pick<SettledSender, "send">;
  readonly events: { recordsUnavailable(error: Error): void };
}

export interface RetryLoop extends AsyncDisposable {
  /** Never resolves; rejects when a bug ended the loop, and then the process should end too. */
  readonly failed: Promise<never>;
}

/**
 * Tries effects that failed again when they are due, and tells ingest about those that are done. While the records
 * cannot be written (their disk is full) it waits. Disposing ends it after the round that is under way.
 */
export function startRetryLoop(options: RetryLoopOptions): RetryLoop {
  const stopping = new AbortController();
  const ended = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  // Whoever waits for `failed` is told; without a listener a rejection would end the process in another way.
  failed.promise.catch(() => undefined);
  run(options, stopping.signal).catch(failed.reject).finally(ended.resolve);
  return {
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended.promise;
    },
  };
}

async function run(options: RetryLoopOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await runRound(options, signal);
    // Aborting the wait is how the loop ends, not a failure.
    await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function runRound(
  { moderation, sender, events }: RetryLoopOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    // A notice that waits for Redis while we stop is given up: ingest asks again, and it is repeated then.
    for (const settled of await moderation.retry())
      await unlessAborted(sender.send(settled), signal);
  } catch (error) {
    if (signal.aborted) return;
    if (!isRecordsError(error)) throw error;
    events.recordsUnavailable(error);
  }
}

function isRecordsError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}
