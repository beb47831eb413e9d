// The engine: a child process of the worker that reads, decodes and infers. It may die at any time; its parent holds the locks.
import { ensembleInfoSchema } from "@sluice/contracts";
import { loadConfig, type SluiceConfig } from "@sluice/config";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import { allocateBatchBuffers, Pipeline } from "@sluice/inference";
import { startOnnxDevice } from "@sluice/inference-onnx";
import { engineSettingsSchema, type EngineSettings } from "./engine-settings.ts";
import { describeFailure } from "./last-words.ts";
import { loadSettledEnsemble } from "./load-settled-ensemble.ts";
import { toEngineSchema, type FromEngine } from "./messages.ts";
import { openReader } from "./open-reader.ts";
import { Outbox } from "./outbox.ts";

function tell(message: FromEngine): void {
  process.send?.(message);
}

/** Not `exit`: it would wait for native code, which may be what does not come back. */
function fail(error: unknown, accused: number | null = null): void {
  const end = (): void => void process.kill(process.pid, "SIGKILL");
  if (process.send === undefined) return end();
  process.send(describeFailure(error, accused), end);
}

async function start(config: SluiceConfig, settings: EngineSettings): Promise<void> {
  hardenDecoder();
  const { worker } = config;
  const loaded = await loadSettledEnsemble(config, { ...settings, tell });
  const { ensemble, specs, specsOfStages, deviceMembers } = loaded;
  const buffers = allocateBatchBuffers(specs, worker.maxBatchItems, specsOfStages);
  const device = await startOnnxDevice({
    members: deviceMembers,
    buffers,
    provider: settings.provider,
    intraOpThreads: settings.intraOpThreads,
    memberArrangement: worker.memberArrangement,
    memberTimingMs: worker.memberTimingMs,
    onRowLimit: (rows) => tell({ type: "limited", rows }),
  });
  const outbox = new Outbox(tell);
  const pipeline = new Pipeline({
    ensemble,
    reader: await openReader(config, outbox),
    decoder: createImageDecoder({ ...worker, specs, frames: ensemble.frames }),
    device,
    buffers,
    readConcurrency: settings.readSlots,
    decodeConcurrency: settings.decodeSlots,
    maxUndecidedRows: worker.maxUndecidedRows,
    cacheEntries: worker.cacheEntries,
    now: () => performance.now(),
    events: {
      outcome: (outcome) => outbox.outcome(outcome),
      imageDecoded: (event) => outbox.imageDecoded(event),
      imageRecalled: () => outbox.imageRecalled(),
      batchCompleted: (event) => outbox.batchCompleted(event),
      failed: fail,
    },
  });
  process.on("message", (message) => {
    for (const item of toEngineSchema.parse(message).items) pipeline.submit(item);
  });
  const { provider, warmUpMs, rowLimit, partlyOnCpu, arrangement } = device;
  tell({
    type: "ready",
    ensemble: ensembleInfoSchema.parse({ v: 1, ...ensemble }),
    provider,
    warmUpMs,
    rowLimit,
    partlyOnCpu: [...partlyOnCpu],
    arrangement,
  });
}

process.on("disconnect", () => process.kill(process.pid, "SIGKILL")); // the worker is gone: nobody waits for outcomes
process.on("SIGINT", () => undefined); // the terminal tells the whole group; the worker decides when to end
process.on("SIGTERM", () => undefined);
process.on("uncaughtException", (error) => fail(error));
try {
  const settings = engineSettingsSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
  await start(await loadConfig({ env: process.env, cwd: process.cwd() }), settings);
} catch (error) {
  fail(error);
}
