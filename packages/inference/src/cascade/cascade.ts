/** A threshold of a forbidden label: decisions hang on which side of it a score is. */
export interface WatchedThreshold {
  /** As the ensemble names it. */
  readonly label: string;
  readonly classId: number;
  readonly threshold: number;
}

/** Scores from `below` to `above` are not sure enough; 0 and 1 let nobody leave. */
export interface Margin {
  readonly below: number;
  readonly above: number;
}

export interface CascadeStage {
  /** Indices of the members that run in it. */
  readonly members: readonly number[];
  /** Per watched threshold; null: no image leaves here. */
  readonly margins: readonly Margin[] | null;
}

/**
 * Members in stages, of which the first runs for every image, and the next ones only for images that the members so far are not sure
 * about.
 *
 * Invariants: every member stands in exactly one stage; no image leaves at the last one; at every other stage all watched
 * thresholds have a margin, or none has.
 */
export interface Cascade {
  readonly stages: readonly CascadeStage[];
  /** An image leaves early for the sake of these alone; what is decided by any other threshold must not rest on its scores. */
  readonly thresholds: readonly WatchedThreshold[];
  /** `all`: every member that has run must itself be on the same side of a threshold as the fused score; `none`: need not. */
  readonly agreement: Agreement;
}

export type Agreement = "all" | "none";
