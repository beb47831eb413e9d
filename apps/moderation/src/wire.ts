import type { VerdictJob } from "@sluice/contracts";
import {
  folderRoots,
  loadConfig,
  requireRedisUrl,
  type Environment,
  type SluiceConfig,
} from "@sluice/config";
import {
  assertRedisReachable,
  openEnsembleDirectory,
  openSettledSender,
  startVerdictConsumer,
  type EnsembleDirectory,
} from "@sluice/queue";
import type { BucketRoots } from "@sluice/s3";
import { announceReady, createLogger, createMetrics, startHealthServer } from "@sluice/telemetry";
import { startClaimRenewal } from "./claim-renewal.ts";
import { composeModeration } from "./compose.ts";
import { lookUpEnsembles } from "./ensemble-lookup.ts";
import { createEvents } from "./events.ts";
import { readFault } from "./fault-injection.ts";
import { openBuckets } from "./open-buckets.ts";
import { findReachableRoots } from "./reachable-roots.ts";
import { startRetryLoop } from "./retry-loop.ts";
import { unlessAborted } from "./unless-aborted.ts";

const REDIS_TIMEOUT_MS = 5_000;
/** Verdicts take milliseconds; the lock only has to outlast a slow disk. */
const LOCK_DURATION_MS = 30_000;
const STALLED_INTERVAL_MS = 5_000;

/**
 * The moderation process: verdicts in, decisions and effects, notices to ingest out. First it finishes what an
 * earlier process left behind. Returns when stopped.
 * Throws ConfigError, RedisUnavailableError, RootsUnreachableError, HealthPortError.
 */
export async function runModeration(options: {
  readonly env: Environment;
  readonly cwd: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const config = await loadConfig(options);
  const redisUrl = requireRedisUrl(config);
  await assertRedisReachable({ redisUrl, timeoutMs: REDIS_TIMEOUT_MS });
  const logger = createLogger({ app: "moderation", ...config.log });
  const metrics = createMetrics();
  const events = createEvents(logger, metrics);
  const queue = {
    redisUrl,
    prefix: config.redis.prefix,
    onError: (e: Error) => events.redisFailed(e),
  };
  events.policiesLoaded(config.policies);

  await using stack = new AsyncDisposableStack();
  const directory = stack.use(openEnsembleDirectory(queue));
  const { byRoot: buckets } = stack.use(await openBuckets(config));
  const consumed = await findReachableRoots(config, { buckets, events });
  const moderation = stack.use(compose(config, events, { directory, buckets, env: options.env }));
  stack.use(startClaimRenewal(moderation.records));
  const sender = stack.use(openSettledSender(queue));
  const handle = async (verdict: VerdictJob, context: { readonly signal: AbortSignal }) => {
    const startedAt = performance.now();
    const settled = await moderation.settle(verdict, async (notice) => {
      // Only for those who wait: when it fails, the last notice has the answers, too.
      await unlessAborted(sender.send(notice), context.signal).catch(() => undefined);
    });
    // At the hard stop a notice that waits for Redis is given up: the verdict comes again and repeats it.
    if (settled !== null) await unlessAborted(sender.send(settled), context.signal);
    events.verdictSettled(verdict, performance.now() - startedAt);
  };
  for (const settled of await moderation.resume()) await sender.send(settled);
  const consumer = await startVerdictConsumer({
    ...queue,
    roots: consumed,
    concurrency: config.moderation.concurrency,
    lockDurationMs: LOCK_DURATION_MS,
    stalledIntervalMs: STALLED_INTERVAL_MS,
    handle,
    events,
  });
  stack.defer(() => consumer.stop({ graceMs: config.moderation.shutdownGraceMs }));
  const retries = stack.use(startRetryLoop({ moderation, sender, events }));
  const health = stack.use(
    await startHealthServer({
      host: config.http.host,
      port: config.http.moderationPort,
      registry: metrics.registry,
      readiness: () => ({
        isReady: consumer.isConnected,
        checks: { redis: consumer.isConnected ? "ok" : "not connected" },
      }),
      name: "moderation",
      runDir: config.http.runDir,
    }),
  );
  events.appReady({ port: health.port, roots: consumed });
  announceReady({ port: health.port });
  await unlessAborted(retries.failed, options.signal).catch((error: unknown) => {
    if (!options.signal.aborted) throw error;
  });
  events.appStopping();
}

type Events = ReturnType<typeof createEvents>;

function compose(
  config: SluiceConfig,
  events: Events,
  {
    directory,
    buckets,
    env,
  }: {
    readonly directory: EnsembleDirectory;
    readonly buckets: BucketRoots;
    readonly env: Environment;
  },
) {
  const { vaultDir, databasePath, concurrency } = config.moderation;
  const onStep = readFault(env);
  return composeModeration({
    ...(onStep === undefined ? {} : { onStep }),
    roots: folderRoots(config.roots),
    buckets,
    policies: config.policies,
    vaultDir,
    databasePath,
    concurrency: concurrency * 2,
    ensembles: (records) => lookUpEnsembles(records, directory),
    events,
    now: () => Date.now(),
  });
}
