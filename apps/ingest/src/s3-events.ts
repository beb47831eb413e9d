import type { SourceName } from "@sluice/contracts";
import type { S3Events } from "@sluice/s3";
import type { Logger, Metrics } from "@sluice/telemetry";

/** What happens while buckets are watched. Listed in docs/events.md. */
export function createS3Events(log: Logger, metrics: Metrics): S3Events {
  return { ...listingEvents(log, metrics), ...feedEvents(log, metrics) };
}

function listingEvents(log: Logger, metrics: Metrics) {
  const durations = metrics.histogram(
    "sluice_ingest_bucket_listing_seconds",
    "Time to list a bucket, or its newest part, and compare it with the journal.",
    { buckets: [0.05, 0.25, 1, 5, 15, 60, 300, 1800], labels: ["source", "extent"] },
  );
  const failures = metrics.counter(
    "sluice_ingest_bucket_failures_total",
    "Requests to a bucket that failed, by why; most of them are sent again at once.",
    ["source", "code"],
  );
  const listed = new Set<SourceName>();
  /** Sources whose bucket cannot be listed at present; once per outage is enough for a person. */
  const lost = new Set<SourceName>();
  return {
    bucketListed(event) {
      const { source, extent, durationMs } = event;
      durations.observe({ source, extent }, durationMs / 1000);
      const fields = { event: "bucket.listed", ...event };
      if (lost.delete(source)) log.info(fields, "The bucket can be listed again.");
      else if (listed.has(source)) log.debug(fields, "The bucket was listed.");
      else log.info(fields, "The bucket was listed for the first time.");
      listed.add(source);
    },
    bucketUnavailable({ source, error: err, retryInMs }) {
      failures.inc({ source, code: codeOf(err) });
      const fields = { event: "bucket.lost", source, retryInMs, err };
      if (lost.has(source)) log.debug(fields, "The bucket still cannot be listed.");
      else log.error(fields, "The bucket cannot be listed; tried again.");
      lost.add(source);
    },
    requestRepeated({ source, error: err }) {
      failures.inc({ source, code: codeOf(err) });
      log.debug({ event: "bucket.troubled", source, err }, "A request is sent again.");
    },
    versioningUnknown({ source, error: err }) {
      log.warn(
        { event: "bucket.versions_unknown", source, err },
        "Whether the bucket keeps versions may not be asked: it is taken for one that does not. Allow it, or set versions.",
      );
    },
    listingUnordered({ source }) {
      log.warn(
        { event: "bucket.unordered", source },
        "The server lists keys in an order of its own: one page at a time from now on.",
      );
    },
  } satisfies Partial<S3Events>;
}

function feedEvents(log: Logger, metrics: Metrics) {
  const taken = metrics.counter(
    "sluice_ingest_bucket_events_total",
    "Events of buckets, and messages that held none, by what became of them.",
    ["source", "feed", "outcome"],
  );
  const failures = metrics.counter(
    "sluice_ingest_feed_failures_total",
    "Times that events of a bucket could not be fetched.",
    ["source", "feed"],
  );
  /** Feeds that do not work at present. */
  const lost = new Set<string>();
  return {
    eventTaken({ source, feed, outcome, detail }) {
      taken.inc({ source, feed, outcome });
      log.debug({ event: "hint.taken", source, feed, outcome, detail }, "An event was taken.");
    },
    subscriptionAsked(event) {
      log.warn(
        { event: "subscription.asked", ...event },
        "SNS asks whether its messages are wanted here: open confirmUrl if this topic is yours. It is not opened by itself.",
      );
    },
    feedFailed({ source, feed, error: err, retryInMs }) {
      failures.inc({ source, feed });
      const fields = { event: "feed.lost", source, feed, retryInMs, err };
      if (lost.has(`${source}/${feed}`)) log.debug(fields, "Events still do not come.");
      else log.warn(fields, "Events do not come; the listing finds what they would have told of.");
      lost.add(`${source}/${feed}`);
    },
    feedRecovered({ source, feed }) {
      lost.delete(`${source}/${feed}`);
      log.info({ event: "feed.recovered", source, feed }, "Events come again.");
    },
    webhookListening(event) {
      log.info({ event: "webhook.listening", ...event }, "Taking events of a bucket over HTTP.");
    },
  } satisfies Partial<S3Events>;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
