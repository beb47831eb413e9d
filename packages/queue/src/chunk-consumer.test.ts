import { once } from "node:events";
import {
  chunkJobSchema,
  deriveChunkId,
  verdictJobSchema,
  type ChunkJob,
  type VerdictJob,
} from "@sluice/contracts";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startChunkConsumer, type ChunkConsumerOptions } from "./chunk-consumer.ts";
import { openChunkSender } from "./chunk-sender.ts";
import { QueueUnavailableError, RedisUnavailableError } from "./errors.ts";
import { assertRedisReachable, readQueueStatus } from "./index.ts";
import { TestRedis } from "./test-redis.ts";
import { startVerdictConsumer } from "./verdict-consumer.ts";

const sha = "a".repeat(64);
const noEvents = {
  jobDead: () => undefined,
  jobRetried: () => undefined,
  jobStalled: () => undefined,
  chunkSuspected: () => undefined,
};
let redis: TestRedis;
beforeEach(async () => {
  redis = await TestRedis.start();
});
afterEach(async () => await redis[Symbol.asyncDispose]());

const options = (): { redisUrl: string; prefix: string; onError: () => void } => ({
  redisUrl: redis.url,
  prefix: "t",
  onError: () => undefined,
});

function makeChunk(...paths: string[]): ChunkJob {
  const content = {
    source: "uploads",
    root: "incoming",
    policy: "default",
    ensemble: "default",
    objects: paths.map((path) => ({ path, version: "1-2-3-4", sizeBytes: 10 })),
  };
  const typed = chunkJobSchema.parse({
    v: 1,
    id: `c${"0".repeat(40)}`,
    lane: "live",
    enqueuedAtMs: 1,
    ...content,
  });
  return { ...typed, id: deriveChunkId(typed) };
}

function makeVerdict(chunk: ChunkJob): VerdictJob {
  return verdictJobSchema.parse({
    v: 1,
    chunkId: chunk.id,
    lane: chunk.lane,
    source: chunk.source,
    root: chunk.root,
    policy: chunk.policy,
    ensemble: chunk.ensemble,
    ensembleDigest: sha,
    worker: "test",
    classifiedAtMs: 2,
    outcomes: chunk.objects.map((object) => ({
      object,
      classification: { kind: "gone", reason: "missing" },
    })),
  });
}

function consumerOptions(
  handle: ChunkConsumerOptions["handle"],
  events: Partial<ChunkConsumerOptions["events"]> = {},
): ChunkConsumerOptions {
  const timing = { concurrency: 4, lockDurationMs: 1000, stalledIntervalMs: 500 };
  return { ...options(), ...timing, handle, events: { ...noEvents, ...events } };
}

/** Collects what a verdict consumer receives; `until(n)` resolves when n objects have arrived. */
async function collectVerdicts(): Promise<{
  paths: string[];
  until: (count: number) => Promise<void>;
  stop: () => Promise<void>;
}> {
  const paths: string[] = [];
  const arrived = new EventTarget();
  const consumer = await startVerdictConsumer({
    ...consumerOptions(async (chunk) => await Promise.resolve(makeVerdict(chunk))),
    roots: [makeChunk("a").root],
    handle: async (verdict) => {
      paths.push(...verdict.outcomes.map(({ object }) => object.path));
      arrived.dispatchEvent(new Event("verdict"));
      await Promise.resolve();
    },
  });
  return {
    paths,
    until: async (count) => {
      while (paths.length < count) await once(arrived, "verdict");
    },
    stop: async () => await consumer.stop({ graceMs: 1000 }),
  };
}

test("a chunk becomes one verdict, also when it is added twice", async () => {
  const verdicts = await collectVerdicts();
  await using sender = openChunkSender({ ...options(), commandTimeoutMs: 2000 });
  const chunk = makeChunk("a.jpg", "b.jpg");
  await retry(async () => await sender.send(chunk));
  await sender.send(chunk);
  expect(await sender.waitingChunks("live")).toBe(1);
  await using _ = await startChunkConsumer(
    consumerOptions(async (job) => await Promise.resolve(makeVerdict(job))),
  );
  await verdicts.until(2);
  expect(verdicts.paths).toEqual(["a.jpg", "b.jpg"]);
  await verdicts.stop();
});

test("a payload that does not parse goes to the dead letters with the reason", async () => {
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  const live = new Queue("{live}", { connection: client, prefix: "t" });
  const { promise: died, resolve } = Promise.withResolvers<string>();
  await using _ = await startChunkConsumer(
    consumerOptions(async (job) => await Promise.resolve(makeVerdict(job)), {
      jobDead: ({ reason }) => resolve(reason),
    }),
  );
  await live.add("chunk", { v: 99, hello: "world" });
  expect(await died).toMatch(/does not parse/u);
  const status = await readQueueStatus({ ...options(), roots: [], sources: [] });
  expect(status.find(({ name }) => name === "{dead}")).toMatchObject({ waiting: 1 });
  await live.close();
  client.disconnect();
});

test("a chunk whose process died is taken apart and run one object at a time", async () => {
  const chunk = makeChunk("a.jpg", "b.jpg", "c.jpg");
  await using sender = openChunkSender({ ...options(), commandTimeoutMs: 2000 });
  await retry(async () => await sender.send(chunk));
  // A process that takes the job and is gone: its lock is never renewed.
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  const { Worker } = await import("bullmq");
  const dying = new Worker("{live}", null, {
    connection: client,
    prefix: "t",
    lockDuration: 500,
    autorun: false,
  });
  await dying.getNextJob("dead-process");
  await dying.close(true);

  const verdicts = await collectVerdicts();
  const handled: string[] = [];
  await using _ = await startChunkConsumer(
    consumerOptions(async (job, { isSuspect }) => {
      handled.push(`${isSuspect ? "alone" : "together"}: ${job.objects.map((o) => o.path).join()}`);
      return await Promise.resolve(makeVerdict(job));
    }),
  );
  await verdicts.until(3);
  expect(handled).toEqual(["alone: a.jpg", "alone: b.jpg", "alone: c.jpg"]);
  await verdicts.stop();
  client.disconnect();
});

test("with Redis killed the sender refuses fast, the consumer waits, and nothing is lost", async () => {
  const verdicts = await collectVerdicts();
  await using sender = openChunkSender({ ...options(), commandTimeoutMs: 1000 });
  await using _ = await startChunkConsumer(
    consumerOptions(async (job) => await Promise.resolve(makeVerdict(job))),
  );
  await retry(async () => await sender.send(makeChunk("before.jpg")));
  await verdicts.until(1);
  await redis.kill();
  await expect(sender.send(makeChunk("during.jpg"))).rejects.toBeInstanceOf(QueueUnavailableError);
  await expect(
    assertRedisReachable({ redisUrl: redis.url, timeoutMs: 500 }),
  ).rejects.toBeInstanceOf(RedisUnavailableError);
  await redis.restart();
  await retry(async () => await sender.send(makeChunk("during.jpg")));
  await verdicts.until(2);
  expect(verdicts.paths).toEqual(["before.jpg", "during.jpg"]);
  await verdicts.stop();
});

test("a hard stop gives the chunk back unharmed, and another process finishes it", async () => {
  const verdicts = await collectVerdicts();
  await using sender = openChunkSender({ ...options(), commandTimeoutMs: 2000 });
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const first = await startChunkConsumer(
    consumerOptions(async (_, { signal }) => {
      take();
      await once(signal, "abort");
      throw signal.reason;
    }),
  );
  await retry(async () => await sender.send(makeChunk("slow.jpg")));
  await taken;
  await first.stop({ graceMs: 50 });
  const suspects: boolean[] = [];
  await using _ = await startChunkConsumer(
    consumerOptions(async (job, { isSuspect }) => {
      suspects.push(isSuspect);
      return await Promise.resolve(makeVerdict(job));
    }),
  );
  await verdicts.until(1);
  expect(suspects).toEqual([false]);
  await verdicts.stop();
});

/** Producers fail fast while they connect; a caller retries, as ingest does. */
async function retry(action: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof QueueUnavailableError)) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
