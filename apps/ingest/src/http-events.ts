import type { SourceName } from "@sluice/contracts";
import type { HttpEvents } from "@sluice/source-http";
import type { Logger, Metrics } from "@sluice/telemetry";

export interface ListeningHttpEvents extends HttpEvents {
  listening(event: { readonly address: string; readonly isEncrypted: boolean }): void;
}

/** What happens at the HTTP API. Listed in docs/events.md. */
export function createHttpEvents(
  log: Logger,
  metrics: Metrics,
): (source: SourceName) => ListeningHttpEvents {
  const requests = metrics.counter("sluice_http_requests_total", "Requests by route and status.", [
    "source",
    "route",
    "status",
  ]);
  const durations = metrics.histogram(
    "sluice_http_request_seconds",
    "From a request to the end of its answer, waiting included.",
    { buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 30], labels: ["source", "route"] },
  );
  const refusals = metrics.counter(
    "sluice_http_refused_total",
    "Uploads and requests that were not taken, by why.",
    ["source", "reason"],
  );
  return (source) => ({
    listening(event) {
      log.info({ event: "http.listening", source, ...event }, "Taking uploads over HTTP.");
    },
    answered({ route, status, durationMs }) {
      requests.inc({ source, route, status: String(status) });
      durations.observe({ source, route }, durationMs / 1000);
    },
    refused({ reason }) {
      refusals.inc({ source, reason });
    },
    failed(err) {
      log.error(
        { event: "http.failed", source, err },
        "A request failed here; it was answered 500.",
      );
    },
  });
}
