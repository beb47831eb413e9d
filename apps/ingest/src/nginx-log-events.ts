import type { SourceName } from "@sluice/contracts";
import type { NginxLogEvents } from "@sluice/source-nginx-log";
import type { Logger, Metrics } from "@sluice/telemetry";

/** What happens while access logs are read. Listed in docs/events.md. */
export function createNginxLogEvents(
  log: Logger,
  metrics: Metrics,
): (source: SourceName) => NginxLogEvents {
  const counters = createCounters(metrics);
  return (source) => ({
    ...fileEvents(log.child({ source }), counters, source),
    ...lineEvents(log.child({ source }), counters, source),
  });
}

type Counters = ReturnType<typeof createCounters>;

function createCounters(metrics: Metrics) {
  const count = (name: string, help: string, ...labels: readonly string[]) =>
    metrics.counter(name, help, ["source", ...labels]);
  return {
    lines: count("sluice_nginx_log_lines_total", "Lines read."),
    skipped: count("sluice_nginx_log_lines_skipped_total", "Lines passed over, by why.", "reason"),
    losses: count("sluice_nginx_log_losses_total", "Times that lines may be lost.", "reason"),
    uploads: count(
      "sluice_nginx_log_uploads_total",
      "Lines that meant an upload, by what named it.",
      "rule",
      "isCertain",
    ),
    refused: count(
      "sluice_nginx_log_names_refused_total",
      "Names that lead nowhere, by why.",
      "reason",
    ),
    followed: count("sluice_nginx_log_names_total", "Names by what they led to.", "result"),
  };
}

function fileEvents(log: Logger, counters: Counters, source: SourceName) {
  return {
    logOpened(event) {
      log.info({ event: "log.opened", ...event }, "A log is read.");
    },
    logUnavailable(event) {
      log.warn({ event: "log.unavailable", ...event }, "A log cannot be read; tried again.");
    },
    logRecovered(event) {
      log.info({ event: "log.recovered", ...event }, "A log can be read again.");
    },
    logRotated(event) {
      log.info({ event: "log.rotated", ...event }, "A log was rotated.");
    },
    linesLost(event) {
      counters.losses.inc({ source, reason: event.reason });
      log.warn(
        { event: "log.lines_lost", ...event },
        "Lines of a log may be lost; the listing finds what they named.",
      );
    },
  } satisfies Partial<NginxLogEvents>;
}

function lineEvents(log: Logger, counters: Counters, source: SourceName) {
  let hasWarned = false;
  return {
    linesRead({ count }) {
      counters.lines.inc({ source }, count);
    },
    linesSkipped({ reason, count }) {
      counters.skipped.inc({ source, reason }, count);
      const fields = { event: "log.lines_skipped", reason, count };
      // Once is enough for a person; the counter has them all.
      if (hasWarned) log.debug(fields, "Lines were passed over.");
      else log.warn(fields, "Lines were passed over; sluice nginx explain shows which.");
      hasWarned = true;
    },
    uploadNamed({ rule, isCertain }) {
      counters.uploads.inc({ source, rule, isCertain: String(isCertain) });
    },
    nameRefused({ reason }) {
      counters.refused.inc({ source, reason });
    },
    nameFollowed({ result }) {
      counters.followed.inc({ source, result });
    },
  } satisfies Partial<NginxLogEvents>;
}
