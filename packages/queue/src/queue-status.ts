import type { RootName, SourceName } from "@sluice/contracts";
import { Queue } from "bullmq";
import { connectFailFast, type QueueOptions } from "./connection.ts";
import { DEAD_QUEUE, laneQueue, settledQueue, SUSPECT_QUEUE, verdictQueue } from "./queue-names.ts";

/** Jobs of one queue by state. */
export interface QueueCounts {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** Counts jobs in every queue that the configuration names. @throws when Redis does not answer */
export async function readQueueStatus(
  options: QueueOptions & { roots: readonly RootName[]; sources: readonly SourceName[] },
): Promise<readonly QueueCounts[]> {
  const connection = connectFailFast(options, 5000);
  await new Promise<void>((resolve, reject) => {
    connection.once("ready", resolve);
    connection.once("error", reject);
  });
  const names = [
    laneQueue("live"),
    laneQueue("bulk"),
    SUSPECT_QUEUE,
    ...options.roots.map(verdictQueue),
    ...options.sources.map(settledQueue),
    DEAD_QUEUE,
  ];
  try {
    return await Promise.all(
      names.map(async (name) => {
        const queue = new Queue(name, { connection, prefix: options.prefix });
        const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
        const count = (state: string): number => counts[state] ?? 0;
        return {
          name,
          waiting: count("waiting"),
          active: count("active"),
          delayed: count("delayed"),
          failed: count("failed"),
        };
      }),
    );
  } finally {
    connection.disconnect();
  }
}
