import type {
  EnsembleInfo,
  Outcome,
  PolicyName,
  SettledJob,
  Sha256,
  VerdictJob,
} from "@sluice/contracts";
import { decide, policyDigest, type Policy } from "@sluice/policy";
import { contentOf, type DecisionRecord } from "./decision-record.ts";
import type { EffectRunner } from "./effect-runner.ts";
import { PolicyUnknownError } from "./errors.ts";
import type { ModerationEvents } from "./events.ts";
import { newDecisionId, newEffectId, type TokenSource } from "./ids.ts";
import { planEffect } from "./plan-effect.ts";
import type { ModerationRecords, NewDecision, RecordedEffect } from "./records.ts";
import { settledObjects } from "./settled-objects.ts";
import type { OnStep } from "./steps.ts";
import { findAnswers } from "./to-answer.ts";

/** Port: what a worker told about the ensemble behind a digest; null when none did. */
export interface EnsembleDirectory {
  read(digest: Sha256): Promise<EnsembleInfo | null>;
}

export interface SettleVerdictOptions {
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly records: ModerationRecords;
  readonly runner: EffectRunner;
  readonly ensembles: EnsembleDirectory;
  readonly events: ModerationEvents;
  readonly nextToken: TokenSource;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly onStep: OnStep;
  /** Called with decisions for which somebody waits, as soon as they are recorded. May not throw. */
  readonly onDecided: (notice: SettledJob) => Promise<void>;
}

/**
 * Turns a verdict into decisions and carries them out:
 *
 *     decide (pure) ─▶ record all in one transaction ─▶ effects, each until done or postponed ─▶ settled objects
 *
 * Delivered twice, it finds its decisions and does nothing. Gives the objects whose effect is done, for the notice
 * to ingest (null when there are none); who waits hears before the effects. a postponed effect is settled by `retryEffects` later.
 * Throws PolicyUnknownError, and what the records throw; then the verdict must be delivered again.
 */
export async function settleVerdict(
  verdict: VerdictJob,
  options: SettleVerdictOptions,
): Promise<SettledJob | null> {
  const policy = options.policies.get(verdict.policy);
  if (policy === undefined)
    throw new PolicyUnknownError(verdict.policy, [...options.policies.keys()]);
  const decisions = await decideAll(verdict, policy, options);
  const recorded = await options.records.record(decisions, options.now());
  options.onStep("decision.recorded");
  report(decisions, recorded, options.events);
  const effects = recorded.flatMap(({ effect, isOurs }) => (isOurs ? [effect] : []));
  const answers =
    verdict.wantsAnswers === true ? await findAnswers(effects, options.records) : undefined;
  const told = tellEarly(settledObjects(effects, answers)[0], {
    ...options,
    wants: answers !== undefined,
  });
  const outcomes = await options.runner.run(effects);
  await told;
  const done = effects.filter((_, index) => outcomes[index]?.kind === "done");
  return settledObjects(done, answers)[0] ?? null;
}

/** Whoever waits need not wait for what is done because of the decision; it is recorded, and so it stands. */
async function tellEarly(
  notice: SettledJob | undefined,
  { onDecided, wants }: Pick<SettleVerdictOptions, "onDecided"> & { readonly wants: boolean },
): Promise<void> {
  if (notice !== undefined && wants) await onDecided({ ...notice, isDone: false });
}

async function decideAll(
  verdict: VerdictJob,
  policy: Policy,
  { records, ensembles, events, now, nextToken }: SettleVerdictOptions,
): Promise<readonly NewDecision[]> {
  const digest = policyDigest(policy);
  const ensemble = await ensembles.read(verdict.ensembleDigest);
  if (ensemble === null) events.ensembleUnknown(verdict.ensembleDigest);
  const contents = verdict.outcomes
    .map(({ classification }) => contentOf(classification))
    .filter((content) => content !== null);
  const exempt = await records.exemptAmong(digest, contents);
  return verdict.outcomes.map((outcome) => {
    const content = contentOf(outcome.classification);
    const isExempt = content !== null && exempt.has(content);
    const made = decide(policy, outcome.classification, { ensemble, isExempt });
    const about = { ...basisOf(verdict, outcome), policyDigest: digest, decidedAtMs: now() };
    return {
      record: { ...about, ...made, id: newDecisionId(nextToken) },
      effectId: newEffectId(nextToken),
      plan: planEffect(policy, made.decision),
    };
  });
}

function basisOf(verdict: VerdictJob, { object, classification }: Outcome) {
  const { source, root, chunkId, policy, ensemble, ensembleDigest, worker } = verdict;
  const { path, version, sizeBytes } = object;
  const { classifiedAtMs } = verdict;
  const about = { source, root, chunkId, policy, ensemble, ensembleDigest, worker, classifiedAtMs };
  return { ...about, path, version, sizeBytes, classification } satisfies Partial<DecisionRecord>;
}

function report(
  decisions: readonly NewDecision[],
  recorded: readonly RecordedEffect[],
  events: ModerationEvents,
): void {
  for (const [index, { record, effectId }] of decisions.entries())
    events.decided(record, recorded[index]?.effect.id !== effectId);
}
