import type { ObjectServerEvents } from "@sluice/object-endpoint";
import type { Logger, Metrics } from "@sluice/telemetry";

export interface EndpointEvents extends ObjectServerEvents {
  listening(event: {
    readonly host: string;
    readonly port: number;
    readonly isEncrypted: boolean;
  }): void;
}

/** What happens at the object endpoint. Listed in docs/events.md. */
export function createEndpointEvents(log: Logger, metrics: Metrics): EndpointEvents {
  const requests = metrics.counter(
    "sluice_endpoint_requests_total",
    "Requests for objects, by how they ended.",
    ["result"],
  );
  const bytes = metrics.counter("sluice_endpoint_bytes_total", "Bytes of objects served.");
  const durations = metrics.histogram(
    "sluice_endpoint_request_seconds",
    "From a request for an object to the end of its answer.",
    { buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60] },
  );
  return {
    listening(event) {
      log.info({ event: "endpoint.listening", ...event }, "Objects are served to other hosts.");
    },
    served(event) {
      requests.inc({ result: "served" });
      bytes.inc({}, event.bytes);
      durations.observe(event.durationMs / 1000);
    },
    answeredWithout({ reason }) {
      requests.inc({ result: reason });
    },
    refused({ reason }) {
      requests.inc({ result: reason });
      log.debug({ event: "endpoint.refused", reason }, "A request for an object was refused.");
    },
    failed(err) {
      requests.inc({ result: "failed" });
      log.error({ event: "endpoint.failed", err }, "An object could not be served.");
    },
  };
}
