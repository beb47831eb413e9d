import {
  chunkJobSchema,
  deriveChunkId,
  deriveVerdictJobId,
  verdictJobSchema,
  type ChunkJob,
  type EnsembleName,
  type VerdictJob,
} from "@sluice/contracts";
import { Queue } from "bullmq";
import { connectPatient, type QueueOptions } from "./connection.ts";
import { startConsumer, type Consumer, type ConsumerEvents, type JobContext } from "./consumer.ts";
import { JOB_OPTIONS } from "./job-options.ts";
import { joinConsumers } from "./join-consumers.ts";
import { laneQueue, suspectQueue, verdictQueue } from "./queue-names.ts";

export interface ChunkConsumerOptions extends QueueOptions {
  /** Whose chunks are taken. */
  readonly ensemble: EnsembleName;
  /** Chunks in flight per lane; 16 keeps four batches of 256 in reach. */
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  readonly handle: (chunk: ChunkJob, context: ChunkContext) => Promise<VerdictJob>;
  readonly events: ConsumerEvents & {
    chunkSuspected(event: { chunkId: string; objects: number }): void;
  };
}

export interface ChunkContext {
  readonly signal: AbortSignal;
  /** The chunk comes from `{suspect}`: run its object alone, beside nothing else. */
  readonly isSuspect: boolean;
  /** How many worker processes died holding it; from 2 on a suspect is the culprit and must not be run again. */
  readonly stalledCount: number;
}

/**
 * Takes chunks from the lanes and from `{suspect}`, has them handled, and passes each verdict on before the
 * chunk counts as done, so that a crash between the two only repeats the work. A chunk whose worker process died is never run as a
 * whole again: it goes to `{suspect}` one object at a time, because the plain stalled limit would take innocent neighbours with
 * the culprit.
 */
export async function startChunkConsumer(options: ChunkConsumerOptions): Promise<Consumer> {
  const connection = connectPatient(options);
  const outlets = new Outlets(options, connection);
  const { ensemble } = options;
  const common = { ...options, schema: chunkJobSchema };
  const onLane = async (chunk: ChunkJob, context: JobContext): Promise<number> => {
    if (context.stalledCount === 0) return await settle(chunk, { ...context, isSuspect: false });
    await outlets.suspect(chunk);
    options.events.chunkSuspected({ chunkId: chunk.id, objects: chunk.objects.length });
    return 0;
  };
  const settle = async (chunk: ChunkJob, context: ChunkContext): Promise<number> => {
    const verdict = verdictJobSchema.parse(await options.handle(chunk, context));
    await outlets.pass(verdict);
    return verdict.outcomes.length;
  };
  const consumers = await Promise.all([
    startConsumer({ ...common, queueName: laneQueue({ lane: "live", ensemble }), handle: onLane }),
    startConsumer({ ...common, queueName: laneQueue({ lane: "bulk", ensemble }), handle: onLane }),
    startConsumer({
      ...common,
      queueName: suspectQueue(ensemble),
      concurrency: 1,
      handle: async (chunk, context) => await settle(chunk, { ...context, isSuspect: true }),
    }),
  ]);
  return joinConsumers(consumers, async () => {
    connection.close();
    await outlets.close();
  });
}

/** Where a chunk can go: verdicts of its root, or the suspects. Queues are opened when first needed. */
class Outlets {
  readonly #options: QueueOptions;
  readonly #connection: ReturnType<typeof connectPatient>;
  readonly #queues = new Map<string, Queue>();

  constructor(options: QueueOptions, connection: ReturnType<typeof connectPatient>) {
    this.#options = options;
    this.#connection = connection;
  }

  async pass(verdict: VerdictJob): Promise<void> {
    const queue = this.#open(verdictQueue(verdict.root));
    await queue.add("verdict", verdict, { jobId: deriveVerdictJobId(verdict.chunkId) });
  }

  async suspect(chunk: ChunkJob): Promise<void> {
    for (const object of chunk.objects) {
      const single = { ...chunk, objects: [object] };
      const id = deriveChunkId(single);
      await this.#open(suspectQueue(chunk.ensemble)).add("chunk", { ...single, id }, { jobId: id });
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map(async (queue) => await queue.close()));
  }

  #open(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new Queue(name, {
      connection: this.#connection,
      prefix: this.#options.prefix,
      defaultJobOptions: JOB_OPTIONS,
    });
    queue.on("error", this.#options.onError);
    this.#queues.set(name, queue);
    return queue;
  }
}
