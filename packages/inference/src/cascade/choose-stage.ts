/** The batch of one stage that is being filled. */
export interface WaitingBatch {
  readonly rows: number;
  readonly isFull: boolean;
  /** Somebody waits for one of its images. */
  readonly hasLive: boolean;
  /** Batches of other stages that have run since it could have. */
  readonly passedOver: number;
}

/**
 * After so many batches of other stages a partly filled one runs: few images may be undecided, and the ones that are must not wait
 * until enough others are, too. Lower: smaller batches of the later stages. Higher: their images take longer.
 */
export const MAX_PASSED_OVER = 16;

/**
 * Which stage a free device runs next. Live before bulk; of the live ones the latest stage, as its images have waited longest. Of bulk a later
 * stage when its batch is full or was passed over too often, else the first one, else whatever there is: the device never
 * idles while rows wait.
 *
 * @param isCrowded as many undecided images wait as may: the first stage, which makes more of them, has to wait
 * @returns index of a stage whose batch has rows; null when none has
 */
export function chooseStage(
  stages: readonly WaitingBatch[],
  { isCrowded }: { isCrowded: boolean },
): number | null {
  const [first, ...later] = stages.map((stage, index) => ({ ...stage, index }));
  const ready = later.toReversed().filter(({ rows }) => rows > 0);
  const hasFirst = first !== undefined && first.rows > 0;
  const live = ready.find(({ hasLive }) => hasLive);
  if (live !== undefined) return live.index;
  const mayStart = hasFirst && (!isCrowded || ready.length === 0);
  if (mayStart && first.hasLive) return first.index;
  const due = ready.find(({ isFull, passedOver }) => isFull || passedOver >= MAX_PASSED_OVER);
  if (due !== undefined) return due.index;
  return mayStart ? first.index : (ready[0]?.index ?? null);
}
