import type { ChunkId, ChunkJob } from "@sluice/contracts";
import type { ChunkSender } from "./chunk-sender.ts";

/** What the fake does with an add: take it, take it and lose the answer, or neither. */
export type AddFate = "acknowledged" | "lost-answer" | "refused";

export class FakeQueueError extends Error {
  override readonly name = "FakeQueueError";
  readonly code = "QUEUE_UNAVAILABLE";
  readonly retryable = true;
}

/** A queue for tests: holds chunks by id as BullMQ does, and fails as it is told to. */
export class FakeQueue implements ChunkSender {
  /** Chunks that nobody has taken, by id. */
  readonly waiting = new Map<ChunkId, ChunkJob>();
  /** Every chunk that was really put in (not the ones ignored because their id was there), in order. */
  readonly accepted: ChunkJob[] = [];
  /** Adds that were begun. */
  adds = 0;
  addsInFlight = 0;
  mostInFlight = 0;
  mostWaiting = 0;
  readonly #fate: (chunk: ChunkJob) => Promise<AddFate> | AddFate;

  constructor(fate: (chunk: ChunkJob) => Promise<AddFate> | AddFate = () => "acknowledged") {
    this.#fate = fate;
  }

  async send(chunk: ChunkJob): Promise<void> {
    this.adds += 1;
    this.addsInFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.addsInFlight);
    try {
      const fate = await this.#fate(chunk);
      if (fate !== "refused") this.#put(chunk);
      if (fate !== "acknowledged") throw new FakeQueueError(fate);
    } finally {
      this.addsInFlight -= 1;
    }
  }

  async waitingChunks(): Promise<number> {
    return await Promise.resolve(this.waiting.size);
  }

  #put(chunk: ChunkJob): void {
    if (this.waiting.has(chunk.id)) return;
    this.waiting.set(chunk.id, chunk);
    this.accepted.push(chunk);
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting.size);
  }
}
