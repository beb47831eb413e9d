import type { Metrics } from "@sluice/telemetry";

/** Metrics of the moderation process. Labels are kinds, rules and error codes, never names. */
export function createCounters(metrics: Metrics) {
  const name = (rest: string) => `sluice_moderation_${rest}`;
  return {
    decisions: metrics.counter(name("decisions_total"), "Decisions made, by decision and rule.", [
      "decision",
      "rule",
    ]),
    repeats: metrics.counter(
      name("repeated_objects_total"),
      "Objects of verdicts that had their decision already.",
    ),
    effects: metrics.counter(name("effects_total"), "Effects done, by kind and result.", [
      "kind",
      "result",
    ]),
    failures: metrics.counter(
      name("effect_failures_total"),
      "Attempts at an effect that failed and will be repeated, by kind and error code.",
      ["kind", "code"],
    ),
    unknownEnsembles: metrics.counter(
      name("unknown_ensembles_total"),
      "Verdicts of an ensemble that no worker has told about.",
    ),
    deadVerdicts: metrics.counter(
      name("dead_verdicts_total"),
      "Verdicts that went to the dead letters.",
    ),
    settleSeconds: metrics.histogram(
      name("settle_seconds"),
      "Time from receiving a verdict to its notice to ingest.",
      { buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
    ),
  };
}
