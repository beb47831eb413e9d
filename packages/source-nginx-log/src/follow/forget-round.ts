import type { SourceName } from "@sluice/contracts";
import { DecidedRound, type Clock, type Journal, type ObjectLooker } from "@sluice/sources";

export interface ForgetRoundOptions {
  readonly source: SourceName;
  readonly looker: ObjectLooker;
  readonly journal: Pick<Journal, "decidedAfter" | "forget">;
  readonly clock: Clock;
  readonly reconcileEveryMs: number;
}

/** Decided rows looked at together. */
const PAGE = 256;

/**
 * Removes decided rows of objects that are gone, or the journal would hold every upload that there ever was. A page every
 * `reconcileEveryMs`, and the next one at once as long as most of a page is gone: where uploads move on when they are decided
 * everything is gone, where they stay nothing is, and there looking at all of it again and again would be for nothing.
 */
export class ForgetRound {
  readonly #options: ForgetRoundOptions;
  readonly #round: DecidedRound;
  #dueAtMs: number;

  constructor(options: ForgetRoundOptions) {
    this.#options = options;
    this.#round = new DecidedRound(options.source, options.journal);
    this.#dueAtMs = options.clock.nowMs() + options.reconcileEveryMs;
  }

  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Returns whether there is more to do at once. */
  async work(): Promise<boolean> {
    const { source, looker, journal, clock, reconcileEveryMs } = this.#options;
    if (clock.nowMs() < this.#dueAtMs) return false;
    const page = this.#round.next(PAGE);
    const looked = await looker.look(page.map(({ path }) => path));
    const gone = page.filter((_, index) => looked[index]?.kind === "missing");
    if (gone.length > 0 && looker.hasMoved?.() !== true) journal.forget(source, gone);
    const hasMore = page.length === PAGE && gone.length > PAGE / 2;
    if (!hasMore) this.#dueAtMs = clock.nowMs() + reconcileEveryMs;
    return hasMore;
  }
}
