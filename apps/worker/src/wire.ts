import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { requireRedisUrl, type SluiceConfig } from "@sluice/config";
import { Dispatcher } from "@sluice/inference";
import {
  assertRedisReachable,
  openEnsembleDirectory,
  startChunkConsumer,
  type QueueOptions,
} from "@sluice/queue";
import {
  announceReady,
  createLogger,
  createMetrics,
  monitorEventLoop,
  startHealthServer,
} from "@sluice/telemetry";
import { EngineProcess } from "./engine-process.ts";
import { createWorkerEvents } from "./events.ts";
import { handleChunk } from "./handle-chunk.ts";

const CONNECT_TIMEOUT_MS = 5000;

/** Builds the worker, runs it until the signal aborts, and takes it apart again. */
export async function runWorker(config: SluiceConfig, signal: AbortSignal): Promise<void> {
  const { worker, http, log: logConfig, redis } = config;
  const log = createLogger({ app: "worker", ...logConfig, bindings: { worker: worker.id } });
  const metrics = createMetrics();
  const events = createWorkerEvents(log, metrics);
  const redisUrl = requireRedisUrl(config);
  await assertRedisReachable({ redisUrl, timeoutMs: CONNECT_TIMEOUT_MS });
  const queue: QueueOptions = {
    redisUrl,
    prefix: redis.prefix,
    onError: (error) => events.redisErrored(error),
  };

  const engine = createEngine(config, events);
  const dispatcher = new Dispatcher({
    maxItemsInFlight: 4 * worker.maxBatchItems,
    maxBytesInFlight: 4 * worker.maxImageBytes,
    send: (item) => engine.send(item),
    events,
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => await engine.stop());
  const ensemble = await engine.start(dispatcher);
  const directory = stack.use(openEnsembleDirectory(queue));
  await directory.publish(ensemble);

  const parts = { dispatcher, ensemble, workerId: worker.id, events };
  const consumer = await startChunkConsumer({
    ...queue,
    concurrency: worker.concurrency,
    lockDurationMs: worker.lockDurationMs,
    stalledIntervalMs: worker.stalledIntervalMs,
    handle: async (chunk, context) => await handleChunk(parts, chunk, context),
    events,
  });
  stack.defer(async () => await consumer.stop({ graceMs: worker.shutdownGraceMs }));
  const loop = stack.use(monitorEventLoop());
  const health = stack.use(
    await startHealthServer({
      host: http.host,
      port: http.workerPort,
      registry: metrics.registry,
      name: "worker",
      runDir: http.runDir,
      readiness: () => ({
        isReady: consumer.isConnected && engine.isReady,
        checks: {
          redis: consumer.isConnected ? "ok" : "not connected",
          engine: engine.isReady ? "ok" : "starting",
          eventLoopMaxDelayMs: String(Math.round(loop.maxDelayMs())),
        },
      }),
    }),
  );
  log.info(
    { event: "app.ready", health: health.url, digest: ensemble.digest },
    "The worker is ready.",
  );
  announceReady({ port: health.port });
  await Promise.race([aborted(signal), engine.failed]);
  log.info({ event: "app.stopping" }, "The worker stops: it finishes what it holds.");
}

function createEngine(
  config: SluiceConfig,
  events: ReturnType<typeof createWorkerEvents>,
): EngineProcess {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new EngineProcess({
    module: fileURLToPath(new URL(`./engine/main.${extension}`, import.meta.url)),
    poolThreads: Math.max(4, availableParallelism() + 2),
    watchdogMs: config.worker.watchdogMs,
    maxStartAttempts: 5,
    events,
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
