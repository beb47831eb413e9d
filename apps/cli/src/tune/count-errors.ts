import { stageThatDecides, type CascadeRule, type WatchedThreshold } from "@sluice/inference";
import type { ObservedPicture } from "./observe-pictures.ts";

/** Over all watched thresholds, of pictures whose sub-folder says what they show. */
export interface DecisionErrors {
  /** Pictures of a forbidden label whose score stays below a threshold. */
  readonly missed: number;
  /** Other pictures whose score reaches it. */
  readonly falseAlarms: number;
}

export function countErrors(
  pictures: readonly ObservedPicture[],
  thresholds: readonly WatchedThreshold[],
  rule: Pick<CascadeRule, "margins" | "agreement">,
): DecisionErrors {
  let missed = 0;
  let falseAlarms = 0;
  for (const { observation, label } of pictures) {
    const sides = observation.stages[stageThatDecides(observation, rule)]?.sides ?? [];
    for (const [i, watched] of thresholds.entries()) {
      const shows = watched.label === label || watched.label.endsWith(`/${label ?? ""}`);
      if (shows && sides[i] !== true) missed += 1;
      if (!shows && sides[i] === true) falseAlarms += 1;
    }
  }
  return { missed, falseAlarms };
}
