import { once } from "node:events";
import { nameOfWorker, requireRedisUrl, type SluiceConfig } from "@sluice/config";
import type { EnsembleInfo } from "@sluice/contracts";
import { Dispatcher } from "@sluice/inference";
import { listCpuNodes, listGpus, type GpuInventory } from "@sluice/inference-onnx";
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
import { chooseDevices, type PinnedDevice } from "./choose-devices.ts";
import { createEngineEvents, type EngineEvents } from "./engine-events.ts";
import { EngineFleet } from "./engine-fleet.ts";
import { createEngines } from "./create-engines.ts";
import { createFleetEvents, type FleetEvents } from "./fleet-events.ts";
import { handleChunk } from "./handle-chunk.ts";
import { createJobEvents } from "./job-events.ts";

const CONNECT_TIMEOUT_MS = 5000;
/** Running, prepared, in decode, and one batch more, so that the engine never waits for this process. */
const BATCHES_IN_FLIGHT = 4;

/** Builds the worker, runs it until the signal aborts, and takes it apart again. */
export async function runWorker(config: SluiceConfig, signal: AbortSignal): Promise<void> {
  const { worker, http, redis } = config;
  const log = createLogger({ app: "worker", ...config.log, bindings: { worker: worker.id } });
  const metrics = createMetrics();
  const engineEvents = createEngineEvents(log, metrics);
  const fleetEvents = createFleetEvents(log, metrics);
  const events = createJobEvents(log, metrics);
  const redisUrl = requireRedisUrl(config);
  await assertRedisReachable({ redisUrl, timeoutMs: CONNECT_TIMEOUT_MS });
  const onError = (error: Error): void => events.redisErrored(error);
  const queue: QueueOptions = { redisUrl, prefix: redis.prefix, onError };

  // Taken apart in reverse: first what takes work, then the engine, last the health endpoint.
  await using stack = new AsyncDisposableStack();
  const devices = await findDevices(config, fleetEvents);
  const engines = createEngines(config, { devices, events: engineEvents });
  const parts: Parts = { fleet: new EngineFleet(engines, fleetEvents), consumer: null };
  const { fleet } = parts;
  const loop = stack.use(monitorEventLoop());
  const health = stack.use(
    await startHealthServer({
      host: http.host,
      port: http.workerPort,
      registry: metrics.registry,
      name: nameOfWorker(config),
      runDir: http.runDir,
      readiness: () => describeReadiness(parts, loop.maxDelayMs()),
    }),
  );
  const dispatcher = createDispatcher(config, engineEvents);
  stack.use(fleet);
  const ensemble = await unlessAborted(signal, fleet.start(dispatcher));
  await publish(queue, ensemble);
  const consumer = await startChunkConsumer({
    ...queue,
    ensemble: ensemble.name,
    concurrency: worker.concurrency * devices.length,
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
  fleet.failed.catch(() => (graceMs = 0));
  await Promise.race([aborted(signal), fleet.failed]);
  log.info({ event: "app.stopping" }, "The worker stops: it finishes what it holds.");
}

interface Parts {
  readonly fleet: EngineFleet;
  /** Null until all engines have been ready for the first time. */
  consumer: Consumer | null;
}

function describeReadiness({ fleet, consumer }: Parts, maxDelayMs: number): ReadinessReport {
  const isConnected = consumer?.isConnected === true;
  return {
    isReady: isConnected && fleet.isReady,
    checks: {
      redis: isConnected ? "ok" : consumer === null ? "waiting for the engines" : "not connected",
      engines: fleet.describe(),
      eventLoopMaxDelayMs: String(Math.round(maxDelayMs)),
    },
  };
}

/** One per engine. GPUs are only asked for where the configuration speaks of any. */
async function findDevices(
  { worker }: SluiceConfig,
  events: FleetEvents,
): Promise<readonly PinnedDevice[]> {
  const list = worker.devices;
  const isCpuOnly = list !== "auto" && list.every(({ provider }) => provider === "cpu");
  const inventory = isCpuOnly ? NO_GPUS : await listGpus();
  const cpu = await listCpuNodes();
  const outer = process.env["CUDA_VISIBLE_DEVICES"];
  const chosen = chooseDevices(list, { inventory, cpu, outer });
  const names = chosen.devices.map(({ name }) => name);
  events.devicesChosen({ devices: names, isCpuForWantOfGpu: chosen.isCpuForWantOfGpu });
  return chosen.devices;
}

const NO_GPUS: GpuInventory = { hasDriver: false, gpus: [], problems: [] };

function createDispatcher({ worker }: SluiceConfig, events: EngineEvents): Dispatcher {
  return new Dispatcher({
    maxItemsInFlight: BATCHES_IN_FLIGHT * worker.maxBatchItems,
    maxBytesInFlight: worker.maxBytesInFlight,
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
