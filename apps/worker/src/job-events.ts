import type { Logger, Metrics } from "@sluice/telemetry";

export type JobEvents = ReturnType<typeof createJobEvents>;

/** What happens to jobs, each with its log line and its metric. Listed in docs/events.md. */
export function createJobEvents(log: Logger, metrics: Metrics) {
  return { ...createChunkEvents(log, metrics), ...createQueueEvents(log, metrics) };
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

function createChunkEvents(log: Logger, metrics: Metrics) {
  const waited = metrics.histogram("sluice_chunk_wait_seconds", "From chunk sent to chunk taken.", {
    buckets: BUCKETS,
    labels: ["lane"],
  });
  const took = metrics.histogram("sluice_chunk_seconds", "From chunk taken to its verdict.", {
    buckets: BUCKETS,
  });
  const suspects = metrics.counter("sluice_suspect_chunks_total", "Chunks whose worker died.");
  return {
    chunkTaken(event: { lane: string; waitedSeconds: number }) {
      waited.observe({ lane: event.lane }, event.waitedSeconds);
    },
    chunkClassified(event: { chunkId: string; objects: number; seconds: number }) {
      took.observe(event.seconds);
      log.debug({ event: "chunk.classified", ...event }, "A chunk was classified.");
    },
    chunkSuspected(event: { chunkId: string; objects: number }) {
      suspects.inc();
      log.warn(
        { event: "chunk.suspected", ...event },
        "A worker died with this chunk; it is taken apart.",
      );
    },
  };
}

function createQueueEvents(log: Logger, metrics: Metrics) {
  const jobs = metrics.counter("sluice_jobs_total", "Jobs that did not simply finish.", ["event"]);
  return {
    jobDead(event: { queue: string; jobId: string; reason: string }) {
      jobs.inc({ event: "dead" });
      log.error({ event: "job.dead", ...event }, "A job went to the dead letters.");
    },
    jobRetried(event: { queue: string; jobId: string; attempt: number; error: Error }) {
      const { error: err, ...rest } = event;
      jobs.inc({ event: "retried" });
      log.warn({ event: "job.retried", ...rest, err }, "A job failed and is tried again.");
    },
    jobStalled(event: { queue: string; jobId: string }) {
      jobs.inc({ event: "stalled" });
      log.warn(
        { event: "job.stalled", ...event },
        "A job's process is gone; somebody else takes it.",
      );
    },
    redisErrored(err: Error) {
      log.warn({ event: "redis.errored", err }, "Redis does not answer; waiting for it.");
    },
  };
}
