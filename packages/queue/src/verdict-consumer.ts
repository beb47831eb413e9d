import { verdictJobSchema, type RootName, type VerdictJob } from "@sluice/contracts";
import type { QueueOptions } from "./connection.ts";
import { startConsumer, type Consumer, type ConsumerEvents, type JobContext } from "./consumer.ts";
import { joinConsumers } from "./join-consumers.ts";
import { verdictQueue } from "./queue-names.ts";

export interface VerdictConsumerOptions extends QueueOptions {
  /** Roots that this process can reach; each has its own queue. */
  readonly roots: readonly RootName[];
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly handle: (verdict: VerdictJob, context: JobContext) => Promise<void>;
  readonly events: ConsumerEvents;
}

/** Takes the verdicts of the given roots. Delivery is at least once: handling must be idempotent. */
export async function startVerdictConsumer(options: VerdictConsumerOptions): Promise<Consumer> {
  const consumers = await Promise.all(
    options.roots.map(
      async (root) =>
        await startConsumer({
          ...options,
          queueName: verdictQueue(root),
          schema: verdictJobSchema,
          handle: async (verdict, context) => {
            await options.handle(verdict, context);
            return verdict.outcomes.length;
          },
        }),
    ),
  );
  return joinConsumers(consumers, async () => undefined);
}
