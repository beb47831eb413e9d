import { S3BusyError, S3UnavailableError } from "../../client/s3-errors.ts";
import type { Clock } from "@sluice/sources";
import { pause } from "../pause.ts";

export interface RequestGateOptions {
  /** Requests at a time, at most. */
  readonly width: number;
  readonly clock: Clock;
  /** Told of every failure that is waited out here. */
  readonly onRetry: (error: Error) => void;
}

/** Pauses before a request is sent again whose failure may pass, in milliseconds; after the last one it has failed. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000];
/** Answers in a row after which one more request at a time is tried. */
const ANSWERS_PER_STEP = 32;

/**
 * Lets so many requests through at a time. A server that asks for fewer gets half as many, and then again one more for every so many
 * answers: many buckets share a server, and one that is busy is not helped by being asked again.
 */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #width: number;
  #answers = 0;

  constructor(options: RequestGateOptions) {
    this.#options = options;
    this.#width = options.width;
  }

  /** Requests let through at a time at present. */
  get width(): number {
    return this.#width;
  }

  /** Sends a request, again while its failure may pass. Rejects with its last failure, or the reason of the signal. */
  async send<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (const delayMs of RETRY_DELAYS_MS) {
      try {
        return await this.#sendOnce(request, signal);
      } catch (error) {
        const mayPass = error instanceof S3BusyError || error instanceof S3UnavailableError;
        if (!mayPass || signal.aborted) throw error;
        this.#options.onRetry(error);
        await pause(this.#options.clock, delayMs, signal);
        signal.throwIfAborted();
      }
    }
    return await this.#sendOnce(request, signal);
  }

  async #sendOnce<T>(request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter();
    try {
      signal.throwIfAborted();
      const answer = await request();
      this.#noteAnswer();
      return answer;
    } catch (error) {
      if (error instanceof S3BusyError) this.#narrow();
      throw error;
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    while (this.#inFlight >= this.#width) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    this.#inFlight += 1;
  }

  #leave(): void {
    this.#inFlight -= 1;
    this.#waiting.shift()?.();
  }

  #noteAnswer(): void {
    if (this.#width >= this.#options.width) return;
    this.#answers += 1;
    if (this.#answers < ANSWERS_PER_STEP) return;
    this.#answers = 0;
    this.#width += 1;
    this.#waiting.shift()?.();
  }

  #narrow(): void {
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    this.#answers = 0;
  }
}
