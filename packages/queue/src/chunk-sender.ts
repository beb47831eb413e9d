import { chunkJobSchema, type ChunkJob } from "@sluice/contracts";
import { Queue } from "bullmq";
import { connectFailFast, firstConnectAttempt, type QueueOptions } from "./connection.ts";
import { failFast } from "./fail-fast.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { laneQueue, type ChunkRoute } from "./queue-names.ts";

export interface ChunkSender extends AsyncDisposable {
  /**
   * Adds a chunk under its own id, so that adding twice is harmless.
   * @throws QueueUnavailableError when Redis is away or slow; the add may have happened, retry the same chunk
   */
  send(chunk: ChunkJob): Promise<void>;
  /** Chunks of an ensemble's lane that no worker has taken yet, for back-pressure. @throws QueueUnavailableError */
  waitingChunks(route: ChunkRoute): Promise<number>;
}

export function openChunkSender(options: QueueOptions & { commandTimeoutMs: number }): ChunkSender {
  const connection = connectFailFast(options, options.commandTimeoutMs);
  const opened = firstConnectAttempt(connection, options.commandTimeoutMs);
  /** Opened when first needed, by name. */
  const queues = new Map<string, Queue>();
  const open = (route: ChunkRoute): Queue => {
    const name = laneQueue(route);
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection,
      prefix: options.prefix,
      defaultJobOptions: JOB_OPTIONS,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      skipMetasUpdate: true,
    });
    queue.on("error", options.onError);
    queues.set(name, queue);
    return queue;
  };
  return {
    async send(chunk) {
      const job = chunkJobSchema.parse(chunk);
      await opened;
      await failFast(async () => await open(job).add("chunk", job, { jobId: job.id }));
    },
    async waitingChunks(route) {
      await opened;
      return await failFast(async () => await open(route).getWaitingCount());
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...queues.values()].map(async (queue) => await queue.close()));
      connection.disconnect();
    },
  };
}
