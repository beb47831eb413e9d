import { usedEnsembles, type SluiceConfig } from "@sluice/config";
import { hideCredentials, readQueueStatus, type QueueCounts } from "@sluice/queue";
import { RecordsView, type DecisionView, type RecordCounts } from "@sluice/storage";
import { findStackRedis } from "../stack/stack-redis.ts";
import { readAppStates, type AppState } from "./app-state.ts";
import { readWorkerFigures, type WorkerFigures } from "./worker-figures.ts";
import { readJournalCounts, type SourceCounts } from "./journal-counts.ts";

/** Everything that `sluice status` knows. */
export interface StatusReport {
  readonly configPath: string | null;
  readonly dataDir: string;
  readonly apps: readonly AppState[];
  readonly workers: readonly WorkerFigures[];
  readonly redis: RedisState;
  /** Empty when Redis does not answer. */
  readonly queues: readonly QueueCounts[];
  /** Per source; null before ingest ran. */
  readonly journal: readonly SourceCounts[] | null;
  /** Null before anything was decided. */
  readonly records: RecordCounts | null;
  /** Newest first. */
  readonly lastDecisions: readonly DecisionView[];
}

export interface RedisState {
  readonly isReachable: boolean;
  /** Without credentials; null when it is one of our own and does not run. */
  readonly url: string | null;
  readonly problem: string | null;
}

/** Looks at everything that runs or lies there; a part that does not answer is reported, never thrown. */
export async function readStatus(
  config: SluiceConfig,
  { lastCount }: { lastCount: number },
): Promise<StatusReport> {
  const { configPath, dataDir, http } = config;
  const [apps, { redis, queues }] = await Promise.all([
    readAppStates(http.runDir),
    readQueues(config),
  ]);
  using view = RecordsView.open(config.moderation.databasePath);
  return {
    configPath,
    dataDir,
    apps,
    workers: await readWorkerFigures(apps),
    redis,
    queues,
    journal: readJournalCounts(config),
    records: view?.counts() ?? null,
    lastDecisions: view?.decisions({ limit: lastCount }) ?? [],
  };
}

async function readQueues(
  config: SluiceConfig,
): Promise<{ redis: RedisState; queues: readonly QueueCounts[] }> {
  const redisUrl = await findStackRedis(config);
  if (redisUrl === null) {
    const problem = "no Redis of our own runs with this data folder";
    return { redis: { isReachable: false, url: null, problem }, queues: [] };
  }
  const url = hideCredentials(redisUrl);
  try {
    const queues = await readQueueStatus({
      redisUrl,
      prefix: config.redis.prefix,
      onError: () => undefined, // the rejection tells the same
      ensembles: usedEnsembles(config),
      roots: config.sources.map(({ root }) => root),
      sources: config.sources.map(({ name }) => name),
    });
    return { redis: { isReachable: true, url, problem: null }, queues };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { redis: { isReachable: false, url, problem }, queues: [] };
  }
}
