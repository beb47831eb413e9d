import type { EnsembleInfo, RootName } from "@sluice/contracts";
import type { EngineLoss } from "@sluice/inference";
import type { Logger, Metrics } from "@sluice/telemetry";
import type { EnginePrecision, EngineReport } from "./engine/messages.ts";

export type EngineEvents = ReturnType<typeof createEngineEvents>;

/** What happens to the engine, each with its log line and its metric. Listed in docs/events.md. */
export function createEngineEvents(log: Logger, metrics: Metrics) {
  const precisions = createPrecisionEvents(log);
  return { ...createLifeEvents(log, metrics), ...precisions, ...createReportEvents(log, metrics) };
}

function createLifeEvents(log: Logger, metrics: Metrics) {
  const losses = metrics.counter("sluice_engine_losses_total", "Engines lost, by how.", ["loss"]);
  return {
    engineReady(event: {
      pid: number;
      provider: string;
      warmUpMs: number;
      watchdogMs: number;
      ensemble: EnsembleInfo;
    }) {
      const { pid: enginePid, ensemble, ...rest } = event;
      const members = ensemble.members.map(({ model }) => model);
      log.info(
        { event: "engine.ready", enginePid, ...rest, digest: ensemble.digest, members },
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
      message: string | null;
    }) {
      losses.inc({ loss: event.loss });
      const { message: reason, ...rest } = event;
      log.warn({ event: "engine.lost", ...rest, reason }, "The engine is gone.");
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
  };
}

function createPrecisionEvents(log: Logger) {
  return {
    /** What `precision: auto` became, and why nothing else. */
    precisionChosen(choice: EnginePrecision) {
      const { refused, summary, ...rest } = choice;
      for (const refusal of refused) {
        const fields = { event: "precision.refused", model: choice.model, ...refusal };
        const message = "A variant of a model is not taken.";
        if (refusal.reason === "absent") log.info(fields, message);
        else log.warn(fields, message);
      }
      log.info({ event: "precision.chosen", ...rest }, `${summary}.`);
    },
  };
}

const STEP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function createReportEvents(log: Logger, metrics: Metrics) {
  const images = metrics.counter("sluice_images_total", "Images by outcome and reason.", [
    "outcome",
    "reason",
  ]);
  const rows = metrics.histogram("sluice_batch_rows", "Rows (images or frames) per batch.", {
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  });
  const batches = metrics.counter("sluice_batches_total", "Batches by why they were released.", [
    "reason",
  ]);
  const decode = metrics.histogram("sluice_decode_seconds", "Reading and decoding of an image.", {
    buckets: STEP_BUCKETS,
  });
  const infer = metrics.histogram("sluice_infer_seconds", "All members over a batch.", {
    buckets: STEP_BUCKETS,
  });
  const recalls = metrics.counter(
    "sluice_recalled_images_total",
    "Images that were not inferred, because the same content had been, or was just being inferred.",
  );
  const troubles = metrics.counter(
    "sluice_read_troubles_total",
    "Tries to read an object from another host that brought no usable answer.",
    ["endpoint"],
  );
  return {
    engineReported(report: EngineReport) {
      for (const { classification } of report.outcomes) {
        const reason = "reason" in classification ? classification.reason : "none";
        images.inc({ outcome: classification.kind, reason });
      }
      if (report.recalled > 0) recalls.inc({}, report.recalled);
      for (const trouble of report.readTroubles) {
        troubles.inc({ endpoint: trouble.endpoint });
        const fields = { event: "endpoint.troubled", ...trouble };
        // Once an object is enough for a person; the counter has every try.
        if (trouble.attempt === 1)
          log.warn(fields, "An object endpoint gives nothing; asked again.");
        else log.debug(fields, "An object endpoint still gives nothing.");
      }
      for (const decodeMs of report.decodeMs) decode.observe(decodeMs / 1000);
      for (const batch of report.batches) {
        rows.observe(batch.rows);
        batches.inc({ reason: batch.reason });
        infer.observe(batch.inferMs / 1000);
        log.debug({ event: "batch.completed", ...batch }, "A batch was run.");
      }
    },
  };
}
