import type { EndpointReaderEvents } from "@sluice/object-endpoint";
import type { EngineOutcome, PipelineEvents } from "@sluice/inference";
import type { EngineReport, ReadTrouble } from "./messages.ts";

/**
 * Collects what one turn of the event loop has to tell into one message: a batch of 32 ends as one message, not as
 * 32. Nothing is held back longer than that turn.
 */
export class Outbox
  implements
    EndpointReaderEvents,
    Pick<PipelineEvents, "outcome" | "imageDecoded" | "imageRecalled" | "batchCompleted">
{
  readonly #send: (report: EngineReport) => void;
  #outcomes: EngineOutcome[] = [];
  #decodeMs: number[] = [];
  #recalled = 0;
  #readTroubles: ReadTrouble[] = [];
  #batches: EngineReport["batches"] = [];
  /** Whether a flush is already due in this turn. */
  #isDue = false;

  constructor(send: (report: EngineReport) => void) {
    this.#send = send;
  }

  outcome(outcome: EngineOutcome): void {
    this.#outcomes.push(outcome);
    this.#flushSoon();
  }

  imageDecoded({ decodeMs }: { decodeMs: number }): void {
    this.#decodeMs.push(decodeMs);
    this.#flushSoon();
  }

  imageRecalled(): void {
    this.#recalled += 1;
    this.#flushSoon();
  }

  /** A sign of life, too: whoever waits for an outcome must not take this engine for a hung one. */
  troubled(trouble: ReadTrouble): void {
    this.#readTroubles.push(trouble);
    this.#flushSoon();
  }

  recovered(): void {
    // The outcome that follows says so.
  }

  batchCompleted(batch: EngineReport["batches"][number]): void {
    this.#batches.push(batch);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isDue = false;
    const [outcomes, decodeMs, batches] = [this.#outcomes, this.#decodeMs, this.#batches];
    this.#outcomes = [];
    this.#decodeMs = [];
    this.#batches = [];
    const readTroubles = this.#readTroubles;
    this.#readTroubles = [];
    const recalled = this.#recalled;
    this.#recalled = 0;
    this.#send({ type: "report", outcomes, decodeMs, recalled, readTroubles, batches });
  }
}
