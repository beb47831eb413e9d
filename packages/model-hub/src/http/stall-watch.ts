import { HubUnavailableError } from "../model-hub-error.ts";

/**
 * Aborts a transfer on which nothing has moved for too long. `touch` begins the time anew; the owner disposes of it
 * when the transfer is over.
 */
export class StallWatch implements Disposable {
  /** Aborted by the caller's signal, or by the stall with a HubUnavailableError. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(host: string, stallTimeoutMs: number, signal: AbortSignal) {
    const stalled = new AbortController();
    this.signal = AbortSignal.any([signal, stalled.signal]);
    this.#timer = setTimeout(() => {
      const problem = `no byte came from ${host} for ${stallTimeoutMs / 1000} s`;
      stalled.abort(new HubUnavailableError(`${problem}; run the same command again`));
    }, stallTimeoutMs);
  }

  touch(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
