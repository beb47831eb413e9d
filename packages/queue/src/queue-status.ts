import type { EnsembleName, RootName, SourceName } from "@sluice/contracts";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { connectFailFast, firstConnectAttempt, type QueueOptions } from "./connection.ts";
import { failFast } from "./fail-fast.ts";
import { DEAD_QUEUE, laneQueue, settledQueue, suspectQueue, verdictQueue } from "./queue-names.ts";

/** Jobs of one queue by state. */
export interface QueueCounts {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** For one question of a person at a terminal. */
const STATUS_TIMEOUT_MS = 5000;

/**
 * Counts jobs in every queue that the configuration names; the dead letters are what waits in `{dead}`.
 * @throws QueueUnavailableError when Redis does not answer within five seconds
 */
export async function readQueueStatus(
  options: QueueOptions & {
    ensembles: readonly EnsembleName[];
    roots: readonly RootName[];
    sources: readonly SourceName[];
  },
): Promise<readonly QueueCounts[]> {
  const connection = connectFailFast(options, STATUS_TIMEOUT_MS);
  const names = [
    ...options.ensembles.flatMap((ensemble) => [
      laneQueue({ lane: "live", ensemble }),
      laneQueue({ lane: "bulk", ensemble }),
      suspectQueue(ensemble),
    ]),
    ...options.roots.map(verdictQueue),
    ...options.sources.map(settledQueue),
    DEAD_QUEUE,
  ];
  try {
    await firstConnectAttempt(connection, STATUS_TIMEOUT_MS);
    return await failFast(async () => await countAll(names, { ...options, connection }));
  } finally {
    connection.disconnect();
  }
}

/** One after the other: each open queue listens to the connection, and there may be hundreds of roots. */
async function countAll(
  names: readonly string[],
  { connection, prefix, onError }: QueueOptions & { connection: Redis },
): Promise<QueueCounts[]> {
  const counts: QueueCounts[] = [];
  for (const name of names) {
    const queue = new Queue(name, {
      connection,
      prefix,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      skipMetasUpdate: true,
    });
    queue.on("error", onError);
    const { waiting, active, delayed, failed } = await queue.getJobCounts(...STATES);
    await queue.close();
    counts.push({
      name,
      waiting: waiting ?? 0,
      active: active ?? 0,
      delayed: delayed ?? 0,
      failed: failed ?? 0,
    });
  }
  return counts;
}

const STATES = ["waiting", "active", "delayed", "failed"] as const;
