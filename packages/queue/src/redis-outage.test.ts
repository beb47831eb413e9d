import type { ChunkJob } from "@sluice/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ChunkSender } from "./chunk-sender.ts";
import { connectPatient } from "./connection.ts";
import { QueueUnavailableError } from "./errors.ts";
import { Recorder } from "./testing/recorder.ts";
import { makeChunk, makeVerdict, pathsOf } from "./testing/sample-jobs.ts";
import { EMPTY, TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

vi.setConfig({ testTimeout: 30_000 }); // outages take seconds, and more on a busy machine

let redis: TestRedis;
beforeEach(async () => {
  redis = await TestRedis.start();
});
afterEach(async () => await redis[Symbol.asyncDispose]());

test("while Redis is dead the sender refuses fast; afterwards work goes on by itself and nothing is lost", async () => {
  await using queue = new TestQueue(redis);
  const verdicts = await queue.collectVerdicts();
  const sender = queue.openSender(1000);
  const gate = Promise.withResolvers<void>();
  await queue.startWorker(async (chunk) => {
    await gate.promise;
    return makeVerdict(chunk);
  });
  const accepted = Array.from({ length: 40 }, (_, i) => `${i}.jpg`);
  for (const path of accepted) await sender.send(makeChunk(path));

  await redis.kill();
  const startedAt = performance.now();
  await expect(sender.send(makeChunk("during.jpg"))).rejects.toBeInstanceOf(QueueUnavailableError);
  expect(performance.now() - startedAt).toBeLessThan(1500);
  gate.resolve();
  await redis.restart();

  await sendUntilAccepted(sender, makeChunk("during.jpg"));
  const all = new Set([...accepted, "during.jpg"]);
  await verdicts.until((paths) => new Set(paths).size === all.size);
  expect(new Set(verdicts.items)).toEqual(all);
});

test("an idle consumer takes work again after an outage longer than its blocking read", async () => {
  await using queue = new TestQueue(redis);
  const verdicts = await queue.collectVerdicts();
  const worker = await queue.startWorker();
  await redis.kill();
  await reconnectTries(8); // four seconds; the blocking read lasts two, and BullMQ gives it one more
  expect(worker.isConnected).toBe(false);
  await redis.restart();
  await sendUntilAccepted(queue.openSender(), makeChunk("after.jpg"));
  expect(await verdicts.untilCount(1)).toEqual(["after.jpg"]);
  expect(worker.isConnected).toBe(true);
});

test("an add that timed out has happened when Redis thaws, and sending again does not double it", async () => {
  await using queue = new TestQueue(redis);
  const sender = queue.openSender(300);
  expect(await sender.waitingChunks(makeChunk("any"))).toBe(0);
  redis.freeze();
  const chunk = makeChunk("a.jpg");
  await expect(sender.send(chunk)).rejects.toBeInstanceOf(QueueUnavailableError);
  redis.thaw();
  await sendUntilAccepted(sender, chunk);
  expect(await queue.counts("{live}")).toEqual({ ...EMPTY, waiting: 1 });
});

test("a process can stop while Redis is away; its chunk is done by another one later", async () => {
  await using queue = new TestQueue(redis);
  const taken = Promise.withResolvers<void>();
  const worker = await queue.startWorker(async (_, { signal }) => {
    taken.resolve();
    return await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  });
  await queue.openSender().send(makeChunk("interrupted.jpg"));
  await taken.promise;
  await redis.kill();
  const startedAt = performance.now();
  await worker.stop({ graceMs: 100 });
  expect(performance.now() - startedAt).toBeLessThan(5000);
  await redis.restart();
  const verdicts = await queue.collectVerdicts();
  await queue.startWorker();
  expect(await verdicts.untilCount(1)).toEqual(["interrupted.jpg"]);
});

test("an idle process stops fast enough while Redis is away, between any two tries to reconnect", async () => {
  await using queue = new TestQueue(redis);
  const workers = await Promise.all(
    Array.from({ length: 3 }, async () => await queue.startWorker()),
  );
  await redis.kill();
  for (const worker of workers) {
    await queue.errors.untilCount(queue.errors.items.length + 5);
    await worker.stop({ graceMs: 0 });
  }
  expect(workers.map(({ isConnected }) => isConnected)).toEqual([false, false, false]);
});

test("verdicts that were ready while Redis was away are passed on when it is back", async () => {
  await using queue = new TestQueue(redis);
  const ready = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const handled: string[] = [];
  await queue.startWorker(async (chunk) => {
    handled.push(pathsOf(chunk));
    ready.resolve();
    await finish.promise;
    return makeVerdict(chunk);
  });
  await queue.openSender().send(makeChunk("a.jpg"));
  await ready.promise;
  await redis.kill();
  finish.resolve();
  await queue.errors.untilCount(queue.errors.items.length + 5);
  await redis.restart();
  const verdicts = await queue.collectVerdicts();
  await verdicts.untilCount(1);
  expect(new Set(verdicts.items)).toEqual(new Set(["a.jpg"]));
  expect(new Set(handled)).toEqual(new Set(["a.jpg"]));
});

/** Resolves when a client of its own has tried as often, half a second apart, to reach the Redis that is away. */
async function reconnectTries(count: number): Promise<void> {
  const client = connectPatient({ redisUrl: redis.url, prefix: "", onError: () => undefined });
  const tries = new Recorder<string>();
  client.on("reconnecting", () => tries.add("again"));
  await tries.untilCount(count);
  client.close();
}

/** As ingest does: the same chunk again until it was taken. */
async function sendUntilAccepted(sender: ChunkSender, chunk: ChunkJob): Promise<void> {
  for (;;) {
    try {
      return await sender.send(chunk);
    } catch (error) {
      if (!(error instanceof QueueUnavailableError)) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
