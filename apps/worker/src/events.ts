import type { Classification, EnsembleInfo, RootName } from "@sluice/contracts";
import type { EngineLoss, ReleaseReason } from "@sluice/inference";
import type { Logger, Metrics } from "@sluice/telemetry";

/** What happens in a worker, each with its log line and its metric. Listed in docs/events.md. */
export type WorkerEvents = EngineEvents & JobEvents;
type EngineEvents = ReturnType<typeof createEngineEvents>;
type JobEvents = ReturnType<typeof createJobEvents>;

export function createWorkerEvents(log: Logger, metrics: Metrics): WorkerEvents {
  return { ...createEngineEvents(log, metrics), ...createJobEvents(log, metrics) };
}

function createEngineEvents(log: Logger, metrics: Metrics) {
  const images = metrics.counter("sluice_images_total", "Images by outcome and reason.", [
    "outcome",
    "reason",
  ]);
  const batchRows = metrics.histogram("sluice_batch_rows", "Rows (images or frames) per batch.", {
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  });
  const released = metrics.counter("sluice_batches_total", "Batches by why they were released.", [
    "reason",
  ]);
  const engines = metrics.counter("sluice_engine_losses_total", "Engines lost, by how.", ["loss"]);
  return {
    engineReady(event: {
      pid: number;
      provider: string;
      warmUpMs: number;
      ensemble: EnsembleInfo;
    }) {
      const { pid: enginePid, provider, warmUpMs, ensemble } = event;
      const members = ensemble.members.map(({ model }) => model);
      log.info(
        { event: "engine.ready", enginePid, provider, warmUpMs, digest: ensemble.digest, members },
        "The engine is ready.",
      );
    },
    engineErrored(err: Error) {
      log.error({ event: "engine.errored", err }, "The engine could not be reached.");
    },
    engineLost(event: {
      code: number | null;
      signal: string | null;
      loss: EngineLoss;
      wasReady: boolean;
    }) {
      engines.inc({ loss: event.loss });
      log.warn({ event: "engine.lost", ...event }, "The engine is gone; a fresh one is started.");
    },
    suspectsFound(event: { items: number; loss: EngineLoss }) {
      log.warn(
        { event: "isolation.started", ...event },
        "Images that were in the lost engine are run apart.",
      );
    },
    culpritNamed(event: { root: RootName; path: string; loss: EngineLoss }) {
      log.error(
        { event: "isolation.culprit_named", ...event },
        "One image brings the engine down; it is held.",
      );
    },
    imageClassified(classification: Classification) {
      const reason = "reason" in classification ? classification.reason : "none";
      images.inc({ outcome: classification.kind, reason });
    },
    batchReleased({ rows, reason }: { rows: number; reason: ReleaseReason }) {
      batchRows.observe(rows);
      released.inc({ reason });
      log.debug({ event: "batch.released", rows, reason }, "A batch was released.");
    },
  };
}

function createJobEvents(log: Logger, metrics: Metrics) {
  const chunks = metrics.histogram("sluice_chunk_seconds", "From chunk taken to its verdict.", {
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  });
  const jobs = metrics.counter("sluice_jobs_total", "Jobs that did not simply finish.", ["event"]);
  return {
    chunkClassified(event: { chunkId: string; objects: number; seconds: number }) {
      chunks.observe(event.seconds);
      log.debug({ event: "chunk.classified", ...event }, "A chunk was classified.");
    },
    chunkSuspected(event: { chunkId: string; objects: number }) {
      jobs.inc({ event: "suspected" });
      log.warn(
        { event: "chunk.suspected", ...event },
        "A worker died with this chunk; it is taken apart.",
      );
    },
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
