import type { SourceName } from "@sluice/contracts";
import type { ClamdEvents } from "@sluice/source-clamd";
import type { Logger, Metrics } from "@sluice/telemetry";

export interface ListeningClamdEvents extends ClamdEvents {
  listening(event: { readonly address: string }): void;
}

/** What happens at a clamd listener. Listed in docs/events.md. */
export function createClamdEvents(
  log: Logger,
  metrics: Metrics,
): (source: SourceName) => ListeningClamdEvents {
  const scans = metrics.counter("sluice_clamd_scans_total", "Scans by command and result.", [
    "source",
    "command",
    "result",
  ]);
  const errors = metrics.counter(
    "sluice_clamd_not_scanned_total",
    "Uploads and named files that were answered with an error, by why.",
    ["source", "reason"],
  );
  const drops = metrics.counter(
    "sluice_clamd_dropped_total",
    "Connections that were ended by us, by why.",
    ["source", "reason"],
  );
  return (source) => ({
    listening({ address }) {
      log.info({ event: "clamd.listening", source, address }, "Speaking clamd.");
    },
    scanned({ command, result }) {
      scans.inc({ source, command, result });
    },
    notScanned({ cause }) {
      errors.inc({ source, reason: cause });
    },
    dropped({ reason }) {
      drops.inc({ source, reason });
      log.debug({ event: "clamd.dropped", source, reason }, "A connection was ended.");
    },
    failed(err) {
      log.error(
        { event: "clamd.failed", source, err },
        "A scan failed; it was answered as an error.",
      );
    },
  });
}
