import { requireRedisUrl, type SluiceConfig } from "@sluice/config";
import {
  assertRedisReachable,
  openChunkSender,
  startSettledConsumer,
  type QueueOptions,
} from "@sluice/queue";
import { SqliteJournal } from "@sluice/storage";
import { announceReady, createLogger, createMetrics, startHealthServer } from "@sluice/telemetry";
import { createEndpointEvents } from "./endpoint-events.ts";
import { createIngestEvents } from "./events.ts";
import { readReadiness } from "./readiness.ts";
import { serveObjects } from "./serve-objects.ts";
import { startStateGauges } from "./state-gauges.ts";
import { openSourceLine } from "./lines/open-source-line.ts";
import { systemClock } from "./system-clock.ts";

const CONNECT_TIMEOUT_MS = 5000;

/**
 * The ingest process: folders are watched, what settles is noted in the journal and handed over in chunks, notices of
 * decisions come back. Returns when stopped.
 *
 * @throws ConfigError, RedisUnavailableError, JournalUnusableError, FolderUnusableError, ObjectServerError, HealthPortError
 */
export async function runIngest(config: SluiceConfig, signal: AbortSignal): Promise<void> {
  const redisUrl = requireRedisUrl(config);
  const log = createLogger({ app: "ingest", ...config.log });
  const metrics = createMetrics();
  const events = createIngestEvents(log, metrics);
  const queue: QueueOptions = {
    redisUrl,
    prefix: config.redis.prefix,
    onError: (error) => events.redisErrored(error),
  };
  const failed = Promise.withResolvers<never>();
  const onFailed = (error: unknown): void => failed.reject(error);
  failed.promise.catch(() => undefined); // awaited below; a failure while starting must not end the process unheard

  await using stack = new AsyncDisposableStack();
  const journal = stack.use(SqliteJournal.open(config.ingest.journalPath));
  const redis = await assertRedisReachable({ redisUrl, timeoutMs: CONNECT_TIMEOUT_MS });
  events.redisReached(redis);
  const { commandTimeoutMs } = config.ingest;
  const chunkSender = stack.use(openChunkSender({ ...queue, commandTimeoutMs }));
  const parts = { journal, chunkSender, clock: systemClock, events, onFailed };
  const lines = await Promise.all(
    config.sources.map(async (source) => await openSourceLine(config, source, parts)),
  );

  const consumer = await startSettledConsumer({
    ...queue,
    sources: config.sources.map(({ name }) => name),
    handle: async (settled) => {
      lines.find(({ name }) => name === settled.source)?.settled(settled);
      return await Promise.resolve();
    },
    events,
  });
  stack.defer(async () => await consumer.stop({ graceMs: config.ingest.shutdownGraceMs }));
  for (const line of lines) {
    stack.use(line);
    await line.start();
  }
  const endpoint = await serveObjects(config, createEndpointEvents(log, metrics));
  if (endpoint !== null) stack.use(endpoint);
  const state = { journal, lines, isConnected: () => consumer.isConnected, clock: systemClock };
  stack.use(startStateGauges(metrics, state));
  const health = stack.use(
    await startHealthServer({
      host: config.http.host,
      port: config.http.ingestPort,
      registry: metrics.registry,
      readiness: () => readReadiness(state),
      name: "ingest",
      runDir: config.http.runDir,
    }),
  );
  events.appReady({ health: health.url, sources: config.sources.map(({ name }) => name) });
  announceReady({ port: health.port });
  await Promise.race([aborted(signal), failed.promise]);
  events.appStopping();
  endAtTheLatest(config.ingest.shutdownGraceMs);
}

/** Added to the grace period before the process is ended by force. */
const LAST_RESORT_MS = 5000;

/** A file system that hangs can keep a thread from ending; what was not done is done after the next start. */
function endAtTheLatest(graceMs: number): void {
  setTimeout(() => process.exit(1), graceMs + LAST_RESORT_MS).unref();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
