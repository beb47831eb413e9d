import {
  deriveSettledJobId,
  settledJobSchema,
  type SettledJob,
  type SourceName,
} from "@sluice/contracts";
import { Queue } from "bullmq";
import { connectPatient, type QueueOptions } from "./connection.ts";
import { startConsumer, type Consumer, type ConsumerEvents } from "./consumer.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { joinConsumers } from "./join-consumers.ts";
import { settledQueue } from "./queue-names.ts";

export interface SettledSender extends AsyncDisposable {
  /** Tells ingest that decisions are recorded; waits while Redis is away. */
  send(settled: SettledJob): Promise<void>;
}

export function openSettledSender(options: QueueOptions): SettledSender {
  const connection = connectPatient(options);
  const queues = new Map<SourceName, Queue>();
  const open = (source: SourceName): Queue => {
    const queue = new Queue(settledQueue(source), {
      connection,
      prefix: options.prefix,
      defaultJobOptions: JOB_OPTIONS,
    });
    queue.on("error", options.onError);
    queues.set(source, queue);
    return queue;
  };
  return {
    async send(settled) {
      const job = settledJobSchema.parse(settled);
      const queue = queues.get(job.source) ?? open(job.source);
      await queue.add("settled", job, { jobId: deriveSettledJobId(job) });
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...queues.values()].map(async (queue) => await queue.close()));
      connection.close();
    },
  };
}

export interface SettledConsumerOptions extends QueueOptions {
  readonly sources: readonly SourceName[];
  readonly handle: (settled: SettledJob) => Promise<void>;
  readonly events: ConsumerEvents;
}

export async function startSettledConsumer(options: SettledConsumerOptions): Promise<Consumer> {
  const consumers = await Promise.all(
    options.sources.map(
      async (source) =>
        await startConsumer({
          ...options,
          queueName: settledQueue(source),
          schema: settledJobSchema,
          concurrency: 1,
          lockDurationMs: 30_000,
          stalledIntervalMs: 10_000,
          handle: async (settled) => {
            await options.handle(settled);
            return settled.objects.length;
          },
        }),
    ),
  );
  return joinConsumers(consumers, async () => undefined);
}
