import type { Sha256 } from "@sluice/contracts";
import type { DecisionRecord } from "./decision-record.ts";
import type { Effect, EffectResult } from "./effect.ts";
import type { Failure } from "./records.ts";

/** Port for what is worth a log line or a metric. Its functions never throw. */
export interface ModerationEvents {
  /** A decision was made; `isRepeat` when an earlier one stands instead. */
  decided(record: DecisionRecord, isRepeat: boolean): void;
  effectDone(effect: Effect, result: EffectResult): void;
  /** It is tried again at `failure.nextAttemptAtMs`. */
  effectFailed(effect: Effect, failure: Failure): void;
  /** Effects that an earlier process left behind. */
  effectsResumed(count: number): void;
  /** No worker has told what this ensemble consists of; its decisions become `review`. */
  ensembleUnknown(digest: Sha256): void;
}
