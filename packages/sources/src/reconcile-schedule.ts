/** Shortest time between two listings, however many reasons there are for one. */
const MIN_GAP_MS = 1000;
/** When what could not be listed is tried again, at the latest. */
const FIRST_RETRY_MS = 5000;

/** When a source is to be listed: regularly, and soon after something asked for it. All times are Unix milliseconds. */
export class ReconcileSchedule {
  readonly #everyMs: number;
  readonly #lastRetryMs: number;
  /** The next listing begins then. While one is under way: asked for meanwhile, otherwise infinite. */
  #dueAtMs: number;
  /** Listings in a row that failed. */
  #failures = 0;

  /** @param lastRetryMs up to which the pause grows while listings fail; left out: it does not grow */
  constructor(everyMs: number, nowMs: number, lastRetryMs = FIRST_RETRY_MS) {
    this.#everyMs = everyMs;
    this.#lastRetryMs = lastRetryMs;
    this.#dueAtMs = nowMs;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  begin(): void {
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  /** What was asked for while it was under way came too late for it and stays asked for. */
  end(nowMs: number, { isDone }: { readonly isDone: boolean }): void {
    const retryMs = Math.min(this.#lastRetryMs, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures = isDone ? 0 : this.#failures + 1;
    const pauseMs = isDone ? this.#everyMs : Math.min(this.#everyMs, retryMs);
    this.#dueAtMs = Math.min(nowMs + pauseMs, Math.max(this.#dueAtMs, nowMs + MIN_GAP_MS));
  }

  /** Asks for a listing, `inMs` from now at the latest. */
  want(nowMs: number, inMs = 0): void {
    this.#dueAtMs = Math.min(this.#dueAtMs, nowMs + inMs);
  }
}
