// The engine: a child process of the worker that reads, decodes and infers. It may die at any time; its parent holds the locks.
import { availableParallelism } from "node:os";
import { ensembleInfoSchema } from "@sluice/contracts";
import { loadConfig, type SluiceConfig } from "@sluice/config";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import { allocateBatchBuffers, Pipeline } from "@sluice/inference";
import { startOnnxDevice } from "@sluice/inference-onnx";
import { createFolderReader } from "@sluice/storage";
import { reportError } from "@sluice/telemetry";
import { chooseEnsemble, loadEnsemble } from "./load-ensemble.ts";
import { toEngineSchema, type FromEngine } from "./messages.ts";

function tell(message: FromEngine): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  process.exitCode = reportError("engine", error);
  process.disconnect?.();
  process.exit(); // threads and decoders may still run; the parent starts a fresh engine
}

async function start(config: SluiceConfig): Promise<void> {
  hardenDecoder();
  const { worker } = config;
  const loaded = await loadEnsemble(...chooseEnsemble(config.ensembles), worker.graphCacheDir);
  const buffers = allocateBatchBuffers(loaded.specs, worker.maxBatchItems);
  const { members } = loaded;
  const { intraOpThreads, decodeConcurrency, maxImageBytes } = worker;
  const device = await startOnnxDevice({ members, buffers, intraOpThreads });
  const folders = new Map([...config.roots].map(([name, root]) => [name, root.folder]));
  const pipeline = new Pipeline({
    ensemble: loaded.ensemble,
    reader: createFolderReader({ folders, maxImageBytes }),
    decoder: createImageDecoder({ ...worker, specs: loaded.specs }),
    device,
    buffers,
    decodeConcurrency: decodeConcurrency === 0 ? availableParallelism() + 1 : decodeConcurrency,
    onOutcome: (outcome) => tell({ type: "outcome", outcome }),
    onBatch: (batch) => tell({ type: "batch", ...batch }),
    onFailure: fail,
  });
  process.on("message", (message) => pipeline.submit(toEngineSchema.parse(message).item));
  const { provider, warmUpMs } = device;
  const ensemble = ensembleInfoSchema.parse({ v: 1, ...loaded.ensemble });
  tell({ type: "ready", ensemble, provider, warmUpMs });
}

process.on("disconnect", () => process.exit()); // the worker is gone: nobody waits for outcomes
process.on("SIGINT", () => undefined); // the terminal tells the whole group; the worker decides when to end
process.on("SIGTERM", () => undefined);
process.on("uncaughtException", fail);
try {
  await start(await loadConfig({ env: process.env, cwd: process.cwd() }));
} catch (error) {
  fail(error);
}
