import type { EnsembleInfo, RootName } from "@sluice/contracts";
import type { EngineLoss } from "@sluice/inference";
import type { Logger, Metrics } from "@sluice/telemetry";
import type { EngineArrangement, EnginePrecision, EngineReport } from "./engine/messages.ts";

export type EngineEvents = ReturnType<typeof createEngineEvents>;

/** What happens to the engine, each with its log line and its metric. Listed in docs/events.md. */
export function createEngineEvents(log: Logger, metrics: Metrics) {
  const choices = createChoiceEvents(log);
  return { ...createLifeEvents(log, metrics), ...choices, ...createReportEvents(log, metrics) };
}

function createLifeEvents(log: Logger, metrics: Metrics) {
  const losses = metrics.counter("sluice_engine_losses_total", "Engines lost, by how.", [
    "engine",
    "loss",
  ]);
  const info = metrics.gauge("sluice_engine_info", "What each engine runs on; always 1.", [
    "engine",
    "device",
    "provider",
    "hardware",
  ]);
  const up = metrics.gauge("sluice_engine_up", "1 while the engine is ready.", ["engine"]);
  const limit = metrics.gauge(
    "sluice_batch_rows_limit",
    "Rows that the engine's device has memory for; larger batches run in pieces.",
    ["engine"],
  );
  const memory = metrics.gauge("sluice_engine_memory_bytes", "Memory of the engine's GPU.", [
    "engine",
  ]);
  return {
    engineReady(event: EngineReady) {
      const { pid: enginePid, ensemble, ...rest } = event;
      const { engine, device, provider, hardware, memoryBytes, partlyOnCpu } = event;
      limit.set({ engine }, event.rowLimit);
      up.set({ engine }, 1);
      info.set({ engine, device, provider, hardware }, 1);
      if (memoryBytes !== null) memory.set({ engine }, memoryBytes);
      const members = ensemble.members.map(({ model }) => model);
      log.info(
        { event: "engine.ready", enginePid, ...rest, digest: ensemble.digest, members },
        "The engine is ready.",
      );
      if (partlyOnCpu.length === 0) return;
      log.warn(
        { event: "engine.partly_on_cpu", engine, provider, members: partlyOnCpu },
        "Parts of these networks run on the CPU: the device's provider does not know them.",
      );
    },
    rowsLimited({ engine, rows }: { engine: number; rows: number }) {
      limit.set({ engine }, rows);
      log.warn(
        { event: "batch.limited", engine, rows },
        "The device ran out of memory: batches run in smaller pieces from now on.",
      );
    },
    engineErrored(engine: number, err: Error) {
      log.error({ event: "engine.errored", engine, err }, "The engine could not be reached.");
    },
    engineLost(event: EngineLost) {
      up.set({ engine: event.engine }, 0);
      losses.inc({ engine: event.engine, loss: event.loss });
      const { message: reason, ...rest } = event;
      log.warn({ event: "engine.lost", ...rest, reason }, "The engine is gone.");
    },
    suspectsFound(event: { engine: number; items: number; loss: EngineLoss }) {
      log.warn(
        { event: "isolation.started", ...event },
        "Images that were in the lost engine are run apart.",
      );
    },
    culpritNamed(event: { engine: number; root: RootName; path: string; loss: EngineLoss }) {
      log.error(
        { event: "isolation.culprit_named", ...event },
        "One image brings the engine down; it is held.",
      );
    },
  };
}

/** What an engine chose by measuring. */
function createChoiceEvents(log: Logger) {
  return {
    membersArranged(event: EngineArrangement & { readonly engine: number }) {
      log.info(
        { event: "members.arranged", ...event },
        "How the members of the ensemble run is settled.",
      );
    },
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

interface EngineReady {
  readonly engine: number;
  readonly pid: number;
  /** As configured. */
  readonly device: string;
  /** Name of the CPU or GPU. */
  readonly hardware: string;
  /** The GPU's. */
  readonly memoryBytes: number | null;
  /** ONNX Runtime's, in use. */
  readonly provider: string;
  readonly warmUpMs: number;
  /** Rows that the device has memory for; larger batches run in pieces. */
  readonly rowLimit: number;
  /** Members of which some nodes run on the CPU. */
  readonly partlyOnCpu: readonly string[];
  /** In force. */
  readonly watchdogMs: number;
  readonly ensemble: EnsembleInfo;
}

interface EngineLost {
  readonly engine: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly loss: EngineLoss;
  readonly wasReady: boolean;
  /** What it could still say. */
  readonly message: string | null;
  readonly errorCode: string | null;
}

const STEP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function createReportEvents(log: Logger, metrics: Metrics) {
  const images = metrics.counter("sluice_images_total", "Images by outcome and reason.", [
    "outcome",
    "reason",
  ]);
  const exits = metrics.counter(
    "sluice_cascade_exits_total",
    "Images by the stage of the ensemble's cascade that decided them, from 1.",
    ["stage"],
  );
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
    engineReported(engine: number, report: EngineReport) {
      for (const { classification } of report.outcomes) {
        const reason = "reason" in classification ? classification.reason : "none";
        images.inc({ outcome: classification.kind, reason });
        if (classification.kind !== "classified" || classification.cascade === undefined) continue;
        exits.inc({ stage: String(classification.cascade.stage) });
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
        log.debug({ event: "batch.completed", engine, ...batch }, "A batch was run.");
      }
    },
  };
}
