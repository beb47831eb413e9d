import { ensembleNameSchema, rootNameSchema, sha256Schema, type ChunkJob } from "@sluice/contracts";
import {
  openSettledSender,
  startChunkConsumer,
  startVerdictConsumer,
  type QueueOptions,
} from "@sluice/queue";

const nothing = () => undefined;
const EVENTS = {
  jobDead: nothing,
  jobRetried: nothing,
  jobStalled: nothing,
  chunkSuspected: nothing,
};
const PATIENCE = { lockDurationMs: 5000, stalledIntervalMs: 1000 };

/** Plays worker and moderation over the real queues: every object is classified as gone, and its decision is told at once. */
export class Downstream implements AsyncDisposable {
  /** Every chunk in the order in which it was taken. */
  readonly chunks: ChunkJob[] = [];
  readonly #stack = new AsyncDisposableStack();

  static async start(queue: QueueOptions): Promise<Downstream> {
    const downstream = new Downstream();
    const stack = downstream.#stack;
    const settledSender = stack.use(openSettledSender(queue));
    stack.use(
      await startVerdictConsumer({
        ...queue,
        ...PATIENCE,
        roots: [rootNameSchema.parse("uploads")],
        concurrency: 1,
        events: EVENTS,
        handle: async ({ chunkId, source, root, outcomes }) => {
          const objects = outcomes.map(({ object: { path, version } }) => ({ path, version }));
          await settledSender.send({ v: 1, chunkId, source, root, objects });
        },
      }),
    );
    stack.use(
      await startChunkConsumer({
        ...queue,
        ...PATIENCE,
        ensemble: ensembleNameSchema.parse("default"),
        concurrency: 4,
        events: EVENTS,
        handle: async (chunk) => {
          downstream.chunks.push(chunk);
          return await Promise.resolve(toVerdict(chunk));
        },
      }),
    );
    return downstream;
  }

  /** Paths of all objects taken, in order; one that was taken twice stands twice. */
  get paths(): string[] {
    return this.chunks.flatMap(({ objects }) => objects.map(({ path }) => path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function toVerdict({ id, lane, source, root, policy, ensemble, objects }: ChunkJob) {
  const gone = { kind: "gone", reason: "missing" } as const;
  return {
    v: 1 as const,
    chunkId: id,
    lane,
    source,
    root,
    policy,
    ensemble,
    ensembleDigest: sha256Schema.parse("e".repeat(64)),
    worker: "test",
    classifiedAtMs: 1,
    outcomes: objects.map((object) => ({ object, classification: gone })),
  };
}
