import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { requireRedisUrl, type SluiceConfig } from "@sluice/config";
import type { EnsembleInfo } from "@sluice/contracts";
import { Dispatcher } from "@sluice/inference";
import {
  assertRedisReachable,
  openEnsembleDirectory,
  startChunkConsumer,
  type Consumer,
  type QueueOptions,
} from "@sluice/queue";
import {
  announceReady,
  createLogger,
  createMetrics,
  monitorEventLoop,
  startHealthServer,
  type ReadinessReport,
} from "@sluice/telemetry";
import { createEngineEvents, type EngineEvents } from "./engine-events.ts";
import { EngineProcess } from "./engine-process.ts";
import { countDecodeSlots } from "./engine/decode-slots.ts";
import { handleChunk } from "./handle-chunk.ts";
import { createJobEvents } from "./job-events.ts";

const CONNECT_TIMEOUT_MS = 5000;
/** Generous: large models are derived, loaded and warmed up in it. */
const ENGINE_START_TIMEOUT_MS = 15 * 60_000;
const MAX_ENGINE_START_ATTEMPTS = 5;
/** Running, prepared, in decode, and one batch more, so that the engine never waits for this process. */
const BATCHES_IN_FLIGHT = 4;

/** Builds the worker, runs it until the signal aborts, and takes it apart again. */
export async function runWorker(config: SluiceConfig, signal: AbortSignal): Promise<void> {
  const { worker, http, redis } = config;
  const log = createLogger({ app: "worker", ...config.log, bindings: { worker: worker.id } });
  const metrics = createMetrics();
  const engineEvents = createEngineEvents(log, metrics);
  const events = createJobEvents(log, metrics);
  const redisUrl = requireRedisUrl(config);
  await assertRedisReachable({ redisUrl, timeoutMs: CONNECT_TIMEOUT_MS });
  const onError = (error: Error): void => events.redisErrored(error);
  const queue: QueueOptions = { redisUrl, prefix: redis.prefix, onError };

  // Taken apart in reverse: first what takes work, then the engine, last the health endpoint.
  await using stack = new AsyncDisposableStack();
  const parts: Parts = { engine: createEngine(config, engineEvents), consumer: null };
  const { engine } = parts;
  const loop = stack.use(monitorEventLoop());
  const health = stack.use(
    await startHealthServer({
      host: http.host,
      port: http.workerPort,
      registry: metrics.registry,
      name: "worker",
      runDir: http.runDir,
      readiness: () => describeReadiness(parts, loop.maxDelayMs()),
    }),
  );
  const dispatcher = createDispatcher(config, { engine, events: engineEvents });
  stack.defer(async () => await engine.stop());
  const ensemble = await unlessAborted(signal, engine.start(dispatcher));
  await publish(queue, ensemble);
  const consumer = await startChunkConsumer({
    ...queue,
    concurrency: worker.concurrency,
    lockDurationMs: worker.lockDurationMs,
    stalledIntervalMs: worker.stalledIntervalMs,
    handle: async (chunk, context) =>
      await handleChunk({ dispatcher, ensemble, workerId: worker.id, events }, chunk, context),
    events,
  });
  parts.consumer = consumer;
  // Without an engine nothing in flight can finish: it goes back to the queue at once.
  let graceMs = worker.shutdownGraceMs;
  stack.defer(async () => await consumer.stop({ graceMs }));
  log.info(
    { event: "app.ready", health: health.url, digest: ensemble.digest },
    "The worker is ready.",
  );
  announceReady({ port: health.port });
  loop.reset(); // loading modules blocks the loop, but no job was held yet
  engine.failed.catch(() => (graceMs = 0));
  await Promise.race([aborted(signal), engine.failed]);
  log.info({ event: "app.stopping" }, "The worker stops: it finishes what it holds.");
}

interface Parts {
  readonly engine: EngineProcess;
  /** Null until the engine is ready for the first time. */
  consumer: Consumer | null;
}

function describeReadiness({ engine, consumer }: Parts, maxDelayMs: number): ReadinessReport {
  const isConnected = consumer?.isConnected === true;
  return {
    isReady: isConnected && engine.isReady,
    checks: {
      redis: isConnected ? "ok" : consumer === null ? "waiting for the engine" : "not connected",
      engine: engine.isReady ? "ok" : "starting",
      eventLoopMaxDelayMs: String(Math.round(maxDelayMs)),
    },
  };
}

function createEngine({ worker }: SluiceConfig, events: EngineEvents): EngineProcess {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new EngineProcess({
    module: fileURLToPath(new URL(`./engine/main.${extension}`, import.meta.url)),
    execArgv: process.execArgv,
    poolThreads: countDecodeSlots(worker) + 2, // decoding must not wait for the file system's calls
    watchdogMs: worker.watchdogMs,
    startTimeoutMs: ENGINE_START_TIMEOUT_MS,
    maxStartAttempts: MAX_ENGINE_START_ATTEMPTS,
    events,
  });
}

function createDispatcher(
  { worker }: SluiceConfig,
  { engine, events }: { engine: EngineProcess; events: EngineEvents },
): Dispatcher {
  return new Dispatcher({
    maxItemsInFlight: BATCHES_IN_FLIGHT * worker.maxBatchItems,
    maxBytesInFlight: BATCHES_IN_FLIGHT * worker.maxImageBytes,
    send: (item) => engine.send(item),
    events,
  });
}

async function publish(queue: QueueOptions, ensemble: EnsembleInfo): Promise<void> {
  await using directory = openEnsembleDirectory(queue);
  await directory.publish(ensemble);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

/** Starting an engine takes time, and a stop must not wait for it. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = aborted(signal).then(() => {
    throw signal.reason;
  });
  return await Promise.race([work, stopped]);
}
