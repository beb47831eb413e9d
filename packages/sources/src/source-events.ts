import type { ChunkId } from "@sluice/contracts";

/** Port: what happens while objects are found and handed over. None of these may throw. */
export interface SourceEvents {
  /** New or changed objects have settled and are in the journal. */
  objectsFound(event: { readonly count: number }): void;
  /** More young objects at once than memory is reserved for; a listing finds the others again. */
  settlingOverflowed(event: { readonly settling: number }): void;
  /** The queue has the chunk. `isRepeat`: it may have had it before. */
  chunkSent(event: {
    readonly chunkId: ChunkId;
    readonly objects: number;
    readonly isRepeat: boolean;
  }): void;
  /** The queue does not answer; the same chunk is tried again after `retryInMs`. */
  queueUnavailable(event: {
    readonly error: Error;
    /** From 1, since the queue last answered. */
    readonly attempt: number;
    readonly retryInMs: number;
  }): void;
  /** It answers again. */
  queueRecovered(): void;
  /** As many chunks wait as are allowed to; nothing is sent until workers have taken some. Told once each time. */
  queueFull(event: { readonly waitingChunks: number }): void;
  /** A plan no longer describes its objects (one changed, or the settings did); they are planned anew. */
  planDissolved(event: { readonly chunkId: ChunkId; readonly objects: number }): void;
  /** Decisions arrived; `count` of the versions were awaited. */
  objectsDecided(event: { readonly chunkId: ChunkId; readonly count: number }): void;
}
