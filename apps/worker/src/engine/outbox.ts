import type { EngineOutcome, PipelineEvents } from "@sluice/inference";
import type { EngineReport } from "./messages.ts";

/**
 * Collects what one turn of the event loop has to tell into one message: a batch of 32 ends as one message, not as
 * 32. Nothing is held back longer than that turn.
 */
export class Outbox implements Pick<
  PipelineEvents,
  "outcome" | "imageDecoded" | "imageRecalled" | "batchCompleted"
> {
  readonly #send: (report: EngineReport) => void;
  #outcomes: EngineOutcome[] = [];
  #decodeMs: number[] = [];
  #recalled = 0;
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
    const recalled = this.#recalled;
    this.#recalled = 0;
    this.#send({ type: "report", outcomes, decodeMs, recalled, batches });
  }
}
