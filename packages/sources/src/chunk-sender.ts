import type { ChunkJob, EnsembleName, Lane } from "@sluice/contracts";

/** Port: the queue that chunks are put in. */
export interface ChunkSender {
  /**
   * Adds a chunk under its own id, so that adding twice is harmless. Rejects with an error whose `retryable` is true
   * when the queue is away; the add may have happened all the same, so the very same chunk is sent again.
   */
  send(chunk: ChunkJob): Promise<void>;
  /** Chunks of an ensemble's lane that no worker has taken yet. Rejects like `send`. */
  waitingChunks(route: { readonly lane: Lane; readonly ensemble: EnsembleName }): Promise<number>;
}

/** Whether waiting may help; anything else is a bug and must end the process. */
export function isRetryable(error: unknown): error is Error {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}
