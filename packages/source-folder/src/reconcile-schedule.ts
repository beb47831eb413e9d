/** Shortest time between two listings, however many reasons there are for one. */
const MIN_GAP_MS = 1000;
/** When a folder that could not be listed is tried again, at the latest. */
const UNAVAILABLE_RETRY_MS = 5000;

/** When the folder is to be listed: regularly, and soon after something asked for it. All times are Unix milliseconds. */
export class ReconcileSchedule {
  readonly #everyMs: number;
  /** The next listing begins then. While one is under way: asked for meanwhile, otherwise infinite. */
  #dueAtMs: number;

  constructor(everyMs: number, nowMs: number) {
    this.#everyMs = everyMs;
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
    const pauseMs = isDone ? this.#everyMs : Math.min(this.#everyMs, UNAVAILABLE_RETRY_MS);
    this.#dueAtMs = Math.min(nowMs + pauseMs, Math.max(this.#dueAtMs, nowMs + MIN_GAP_MS));
  }

  /** Asks for a listing, `inMs` from now at the latest. */
  want(nowMs: number, inMs = 0): void {
    this.#dueAtMs = Math.min(this.#dueAtMs, nowMs + inMs);
  }
}
