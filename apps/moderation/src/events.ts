import type { PolicyName, RootName, Sha256, VerdictJob } from "@sluice/contracts";
import type {
  DecisionRecord,
  Effect,
  EffectResult,
  Failure,
  ModerationEvents,
} from "@sluice/moderation";
import type { Policy } from "@sluice/policy";
import type { ConsumerEvents } from "@sluice/queue";
import type { S3OriginalsEvents } from "@sluice/s3";
import type { Logger, Metrics } from "@sluice/telemetry";
import { createCounters } from "./counters.ts";

/** One function per event: it writes the log line, moves the metric, and never throws. */
export interface AppEvents extends ModerationEvents, ConsumerEvents, S3OriginalsEvents {
  appReady(ready: { readonly port: number; readonly roots: readonly RootName[] }): void;
  appStopping(): void;
  redisFailed(error: Error): void;
  recordsUnavailable(error: Error): void;
  rootUnreachable(root: RootName, place: string): void;
  policiesLoaded(policies: ReadonlyMap<PolicyName, Policy>): void;
  verdictSettled(verdict: VerdictJob, durationMs: number): void;
}

export function createEvents(log: Logger, metrics: Metrics): AppEvents {
  const counters = createCounters(metrics);
  const warned = new Set<string>();
  return {
    ...lifecycleEvents(log),
    ...queueEvents(log, counters),
    decided(record, isRepeat) {
      if (isRepeat) {
        counters.repeats.inc();
        return;
      }
      counters.decisions.inc({ decision: record.decision, rule: record.rule.kind });
      logDecision(log, record);
      warnOfUnusableRules(log, record, warned);
    },
    effectDone(effect, result) {
      counters.effects.inc({ kind: effect.plan.kind, result });
      logEffect(log, effect, result);
    },
    effectFailed(effect, failure) {
      counters.failures.inc({ kind: effect.plan.kind, code: failure.code });
      logFailure(log, effect, failure);
    },
    effectsResumed(count) {
      log.info({ event: "effects.resumed", count }, "Effects that were left behind are resumed.");
    },
    ensembleUnknown(digest: Sha256) {
      counters.unknownEnsembles.inc();
      const fields = { event: "ensemble.unknown", ensembleDigest: digest };
      log.warn(fields, "No worker has told about this ensemble; its images wait for review.");
    },
    verdictSettled(verdict, durationMs) {
      counters.settleSeconds.observe(durationMs / 1000);
      const { chunkId, root, outcomes } = verdict;
      const fields = { event: "verdict.settled", chunkId, root, objects: outcomes.length };
      log.debug({ ...fields, durationMs: Math.round(durationMs) }, "Verdict settled.");
    },
  };
}

function lifecycleEvents(log: Logger) {
  return {
    appReady(ready: { readonly port: number; readonly roots: readonly RootName[] }) {
      log.info({ event: "app.ready", ...ready }, "Moderation is ready.");
    },
    appStopping() {
      log.info({ event: "app.stopping" }, "Moderation finishes what is in flight.");
    },
    rootUnreachable(root: RootName, place: string) {
      const fields = { event: "root.unreachable", root, place };
      log.warn(fields, "The folder or bucket of a root cannot be reached; its verdicts wait.");
    },
    originalLocked(object: Parameters<S3OriginalsEvents["originalLocked"]>[0]) {
      log.warn({ event: "original.locked", ...object }, "A bucket refuses to remove an object.");
    },
    markRefused(object: Parameters<S3OriginalsEvents["markRefused"]>[0]) {
      const fields = { event: "original.mark_refused", ...object };
      log.error(fields, "A forbidden object that its bucket keeps could not even be tagged.");
    },
    policiesLoaded(policies: ReadonlyMap<PolicyName, Policy>) {
      for (const [policy, { unscannable }] of policies) {
        const reasons = Object.entries(unscannable).flatMap(([reason, action]) =>
          action === "allow" ? [reason] : [],
        );
        if (reasons.length === 0) continue;
        const fields = { event: "policy.passes_unscanned", policy, reasons };
        log.warn(fields, "This policy lets images pass that were not scanned.");
      }
    },
  };
}

function queueEvents(log: Logger, counters: ReturnType<typeof createCounters>) {
  return {
    redisFailed(error: Error) {
      log.warn({ event: "redis.failed", err: error }, "Redis does not answer; work waits for it.");
    },
    recordsUnavailable(error: Error) {
      log.error({ event: "records.unavailable", err: error }, "The records cannot be written.");
    },
    jobDead(job: { queue: string; jobId: string; reason: string }) {
      counters.deadVerdicts.inc();
      log.error({ event: "verdict.died", ...job }, "A verdict went to the dead letters.");
    },
    jobRetried(job: { queue: string; jobId: string; attempt: number; error: Error }) {
      const { queue, jobId, attempt, error } = job;
      const fields = { event: "verdict.retried", queue, jobId, attempt, err: error };
      log.warn(fields, "A verdict could not be settled and is tried again.");
    },
    jobStalled(job: { queue: string; jobId: string }) {
      log.warn({ event: "verdict.stalled", ...job }, "A process died with this verdict.");
    },
  };
}

function logDecision(log: Logger, record: DecisionRecord): void {
  const { id, decision, rule, root, path, source } = record;
  const fields = { event: "decision.made", decisionId: id, decision, rule, source, root, path };
  if (decision === "allow" || decision === "gone") log.debug(fields, "Decision made.");
  else log.info(fields, "Decision made.");
}

function logEffect(log: Logger, effect: Effect, result: EffectResult): void {
  const { id, decisionId, plan, root, path, actor } = effect;
  const fields = { event: "effect.done", effectId: id, decisionId, kind: plan.kind, result };
  const about = { ...fields, root, path, actor };
  if (result === "published") log.debug(about, "Effect done.");
  else log.info(about, "Effect done.");
}

function logFailure(log: Logger, effect: Effect, failure: Failure): void {
  const { id, decisionId, plan, root, path, attempts } = effect;
  const about = { effectId: id, decisionId, kind: plan.kind, root, path, attempts: attempts + 1 };
  const message = "An effect failed and is tried again; until then the file stays where it is.";
  log.error({ event: "effect.failed", ...about, ...failure }, message);
}

/** Once per policy, ensemble and rule: they concern every image alike. */
function warnOfUnusableRules(log: Logger, record: DecisionRecord, warned: Set<string>): void {
  for (const rule of record.fired) {
    if (rule.kind !== "unknown-label" && rule.kind !== "threshold-below-floor") continue;
    const { policy, policyDigest, ensemble, ensembleDigest } = record;
    const key = JSON.stringify([policyDigest, ensembleDigest, rule]);
    if (warned.has(key)) continue;
    warned.add(key);
    const fields = { event: "policy.unusable_rule", policy, ensemble, rule };
    log.warn(fields, "A rule cannot be applied to this ensemble; its images wait for review.");
  }
}
