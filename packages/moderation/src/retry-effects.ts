import type { SettledJob } from "@sluice/contracts";
import type { EffectRunner } from "./effect-runner.ts";
import type { ModerationEvents } from "./events.ts";
import type { ModerationRecords } from "./records.ts";
import { settledObjects } from "./settled-objects.ts";
import { findAnswers } from "./to-answer.ts";

export interface RetryEffectsOptions {
  readonly records: ModerationRecords;
  readonly runner: EffectRunner;
  readonly events: ModerationEvents;
  readonly now: () => number;
}

/** Most effects in one round; the rest waits for the next. */
const MAX_EFFECTS = 256;

/**
 * Finishes what a crash left behind: every effect of this place that is not done and that no living process works
 * on. Called once at start, before the first verdict. Gives the notices to ingest.
 */
export async function resumeEffects(options: RetryEffectsOptions): Promise<readonly SettledJob[]> {
  return runOpenEffects(options, null);
}

/** Tries again the effects that failed and whose time has come, and those of operators' processes that died. */
export async function retryEffects(options: RetryEffectsOptions): Promise<readonly SettledJob[]> {
  return runOpenEffects(options, options.now());
}

async function runOpenEffects(
  { records, runner, events }: RetryEffectsOptions,
  dueAtMs: number | null,
): Promise<readonly SettledJob[]> {
  const effects = await records.takeOver({ dueAtMs, limit: MAX_EFFECTS });
  if (effects.length === 0) return [];
  events.effectsResumed(effects.length);
  const outcomes = await runner.run(effects);
  const done = effects.filter((_, index) => outcomes[index]?.kind === "done");
  // Whether somebody waits is not known any more; these are few.
  return settledObjects(done, await findAnswers(done, records));
}
