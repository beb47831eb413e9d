import { chunkJobSchema, type ChunkJob, type Lane } from "@sluice/contracts";
import { Queue } from "bullmq";
import { connectFailFast, firstConnectAttempt, type QueueOptions } from "./connection.ts";
import { failFast } from "./fail-fast.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { laneQueue } from "./queue-names.ts";

export interface ChunkSender extends AsyncDisposable {
  /**
   * Adds a chunk under its own id, so that adding twice is harmless.
   * @throws QueueUnavailableError when Redis is away or slow; the add may have happened, retry the same chunk
   */
  send(chunk: ChunkJob): Promise<void>;
  /** Chunks of a lane that no worker has taken yet, for back-pressure. @throws QueueUnavailableError */
  waitingChunks(lane: Lane): Promise<number>;
}

export function openChunkSender(options: QueueOptions & { commandTimeoutMs: number }): ChunkSender {
  const connection = connectFailFast(options, options.commandTimeoutMs);
  const opened = firstConnectAttempt(connection, options.commandTimeoutMs);
  const open = (lane: Lane): Queue => {
    const queue = new Queue(laneQueue(lane), {
      connection,
      prefix: options.prefix,
      defaultJobOptions: JOB_OPTIONS,
      skipVersionCheck: true,
      skipWaitingForReady: true,
      skipMetasUpdate: true,
    });
    queue.on("error", options.onError);
    return queue;
  };
  const queues: Readonly<Record<Lane, Queue>> = { live: open("live"), bulk: open("bulk") };
  return {
    async send(chunk) {
      const job = chunkJobSchema.parse(chunk);
      await opened;
      await failFast(async () => await queues[job.lane].add("chunk", job, { jobId: job.id }));
    },
    async waitingChunks(lane) {
      await opened;
      return await failFast(async () => await queues[lane].getWaitingCount());
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([queues.live.close(), queues.bulk.close()]);
      connection.disconnect();
    },
  };
}
