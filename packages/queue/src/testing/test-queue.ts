import { randomBytes } from "node:crypto";
import type { ChunkJob } from "@sluice/contracts";
import { Queue } from "bullmq";
import { startChunkConsumer, type ChunkConsumerOptions } from "../chunk-consumer.ts";
import { openChunkSender, type ChunkSender } from "../chunk-sender.ts";
import { connectPatient, type QueueOptions } from "../connection.ts";
import type { Consumer, ConsumerEvents } from "../consumer.ts";
import { readQueueStatus, type QueueCounts } from "../queue-status.ts";
import { startVerdictConsumer } from "../verdict-consumer.ts";
import { Recorder } from "./recorder.ts";
import { makeChunk, makeVerdict } from "./sample-jobs.ts";
import type { TestRedis } from "./test-redis.ts";

type Handle = ChunkConsumerOptions["handle"];
type JobEvent = { readonly event: keyof ChunkConsumerOptions["events"]; readonly about: object };

/** Everything a test needs of one queue prefix of its own; what it opened is closed with it. */
export class TestQueue implements AsyncDisposable {
  readonly errors = new Recorder<Error>();
  readonly events = new Recorder<JobEvent>();
  readonly options: QueueOptions;
  readonly #stack = new AsyncDisposableStack();

  constructor(redis: TestRedis) {
    const prefix = `t${randomBytes(4).toString("hex")}`;
    this.options = { redisUrl: redis.url, prefix, onError: this.errors.add };
  }

  openSender(commandTimeoutMs = 2000): ChunkSender {
    return this.#stack.use(openChunkSender({ ...this.options, commandTimeoutMs }));
  }

  /** Short locks, so that the jobs of dead processes come back within a second or two. */
  async startWorker(
    handle: Handle = answerGone,
    { concurrency = 4, ensemble = makeChunk("any").ensemble } = {},
  ): Promise<Consumer> {
    return this.#stack.use(
      await startChunkConsumer({
        ...this.options,
        ...LOCKS,
        ensemble,
        concurrency,
        handle,
        events: this.on,
      }),
    );
  }

  /** Records the path of every outcome that reaches moderation. */
  async collectVerdicts(): Promise<Recorder<string>> {
    const paths = new Recorder<string>();
    this.#stack.use(
      await startVerdictConsumer({
        ...this.options,
        ...LOCKS,
        concurrency: 4,
        roots: [makeChunk("any").root],
        handle: async ({ outcomes }) => {
          for (const { object } of outcomes) paths.add(object.path);
        },
        events: this.on,
      }),
    );
    return paths;
  }

  /** Adds a job as somebody else could, past our own checks. */
  async addRaw(queueName: string, payload: unknown, options: { attempts?: number } = {}) {
    const queue = this.openRaw(queueName);
    await queue.add("raw", payload, options);
  }

  openRaw(queueName: string): Queue {
    const connection = connectPatient(this.options);
    const queue = new Queue(queueName, { connection, prefix: this.options.prefix });
    this.#stack.defer(async () => {
      await queue.close();
      connection.close();
    });
    return queue;
  }

  async counts(name: string): Promise<Omit<QueueCounts, "name">> {
    const { root, source, ensemble } = makeChunk("any");
    const names = { ensembles: [ensemble], roots: [root], sources: [source] };
    const all = await readQueueStatus({ ...this.options, ...names });
    const found = all.find((queue) => queue.name === name);
    if (found === undefined) throw new Error(`no queue ${name}`);
    const { waiting, active, delayed, failed } = found;
    return { waiting, active, delayed, failed };
  }

  readonly on: ChunkConsumerOptions["events"] & ConsumerEvents = {
    jobDead: (about) => this.events.add({ event: "jobDead", about }),
    jobRetried: (about) => this.events.add({ event: "jobRetried", about }),
    jobStalled: (about) => this.events.add({ event: "jobStalled", about }),
    chunkSuspected: (about) => this.events.add({ event: "chunkSuspected", about }),
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const LOCKS = { lockDurationMs: 1000, stalledIntervalMs: 500 };

export const EMPTY = { waiting: 0, active: 0, delayed: 0, failed: 0 };

export const answerGone: Handle = async (chunk: ChunkJob) => makeVerdict(chunk);
