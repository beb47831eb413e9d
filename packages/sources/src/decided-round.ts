import type { ObjectPath, SourceName } from "@sluice/contracts";
import type { Journal, VersionedPath } from "./journal.ts";

/**
 * Goes round the decided rows of a source a page at a time, so that a source can check over many listings whether the objects
 * are still there, and the journal does not remember for ever what is gone.
 */
export class DecidedRound {
  readonly #source: SourceName;
  readonly #journal: Pick<Journal, "decidedAfter">;
  /** The last path handed out; null at the beginning of a round. */
  #after: ObjectPath | null = null;

  constructor(source: SourceName, journal: Pick<Journal, "decidedAfter">) {
    this.#source = source;
    this.#journal = journal;
  }

  /** The next rows; fewer than `limit` when the round ends, and the one after begins from the front. */
  next(limit: number): readonly VersionedPath[] {
    const page = this.#journal.decidedAfter(this.#source, { after: this.#after, limit });
    this.#after = page.length < limit ? null : (page.at(-1)?.path ?? null);
    return page;
  }
}
