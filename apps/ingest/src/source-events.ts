import type { SourceName } from "@sluice/contracts";
import type { SourceEvents } from "@sluice/sources";
import type { Logger, Metrics } from "@sluice/telemetry";

/** Makes the events of one source; the metrics are common and carry its name. */
export function createSourceEvents(
  log: Logger,
  metrics: Metrics,
): (source: SourceName) => SourceEvents {
  const counters = createCounters(metrics);
  return (source) => {
    const child = log.child({ source });
    return { ...flowEvents(child, counters, source), ...queueEvents(child, counters, source) };
  };
}

type Counters = ReturnType<typeof createCounters>;

function createCounters(metrics: Metrics) {
  const count = (name: string, help: string) => metrics.counter(name, help, ["source"]);
  return {
    found: count("sluice_ingest_objects_found_total", "Object versions noted in the journal."),
    sent: count("sluice_ingest_objects_sent_total", "Objects in chunks that the queue has taken."),
    decided: count("sluice_ingest_objects_decided_total", "Object versions decided."),
    chunks: metrics.counter("sluice_ingest_chunks_sent_total", "Chunks that the queue has taken.", [
      "source",
      "isRepeat",
    ]),
    failures: count("sluice_ingest_queue_failures_total", "Tries that the queue did not answer."),
    full: count("sluice_ingest_queue_full_total", "Times that the queue was found full."),
    dissolved: count("sluice_ingest_plans_dissolved_total", "Chunk plans made anew."),
    overflows: count(
      "sluice_ingest_settling_overflows_total",
      "Times that young objects had no room.",
    ),
  };
}

function flowEvents(log: Logger, counters: Counters, source: SourceName) {
  return {
    objectsFound({ count }) {
      counters.found.inc({ source }, count);
      log.debug({ event: "objects.found", count }, "Objects were found.");
    },
    settlingOverflowed({ settling }) {
      counters.overflows.inc({ source });
      log.warn(
        { event: "settling.overflowed", settling },
        "More young files than are remembered; the next listing finds the others.",
      );
    },
    chunkSent({ chunkId, objects, isRepeat }) {
      counters.chunks.inc({ source, isRepeat: String(isRepeat) });
      counters.sent.inc({ source }, objects);
      log.debug({ event: "chunk.sent", chunkId, objects, isRepeat }, "A chunk was sent.");
    },
    planDissolved(event) {
      counters.dissolved.inc({ source });
      log.info({ event: "plan.dissolved", ...event }, "A chunk's objects are planned anew.");
    },
    objectsDecided({ chunkId, count }) {
      counters.decided.inc({ source }, count);
      log.debug({ event: "objects.decided", chunkId, count }, "Decisions were recorded.");
    },
  } satisfies Partial<SourceEvents>;
}

function queueEvents(log: Logger, counters: Counters, source: SourceName) {
  return {
    queueUnavailable({ error: err, attempt, retryInMs }) {
      counters.failures.inc({ source });
      const fields = { event: "queue.lost", attempt, retryInMs, err };
      // Once per outage is enough for a person; the counter has every try.
      if (attempt === 1) log.warn(fields, "The queue does not answer; everything waits for it.");
      else log.debug(fields, "The queue still does not answer.");
    },
    queueRecovered() {
      log.info({ event: "queue.recovered" }, "The queue answers again.");
    },
    queueFull({ waitingChunks }) {
      counters.full.inc({ source });
      log.warn(
        { event: "queue.filled", waitingChunks },
        "As many chunks wait as may; the journal remembers the rest.",
      );
    },
  } satisfies Partial<SourceEvents>;
}
