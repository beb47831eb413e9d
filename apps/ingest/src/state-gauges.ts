import type { Metrics } from "@sluice/telemetry";
import type { IngestState } from "./readiness.ts";

/** How often the gauges are set; counting rows takes about a millisecond. */
const REFRESH_MS = 5000;

/** Gauges of what is, beside the counters of what happened. */
export function startStateGauges(metrics: Metrics, { journal, lines }: IngestState): Disposable {
  const rows = metrics.gauge("sluice_ingest_journal_rows", "Journal rows by state.", [
    "source",
    "state",
  ]);
  const settling = metrics.gauge(
    "sluice_ingest_settling_objects",
    "Objects too young to be sent.",
    ["source"],
  );
  const degraded = metrics.gauge(
    "sluice_ingest_watcher_degraded",
    "1 while objects are found by listing only, against the configuration.",
    ["source"],
  );
  const refresh = (): void => {
    for (const { name: source, settling: young, isDegraded } of lines) {
      for (const [state, count] of Object.entries(journal.counts(source))) {
        rows.set({ source, state }, count);
      }
      settling.set({ source }, young);
      degraded.set({ source }, isDegraded ? 1 : 0);
    }
  };
  refresh();
  const timer = setInterval(refresh, REFRESH_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
