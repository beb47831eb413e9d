import { once } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ConsumerStopError } from "./errors.ts";
import { makeChunk, makeVerdict } from "./testing/sample-jobs.ts";
import { EMPTY, TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

vi.setConfig({ testTimeout: 30_000 }); // locks of dead processes must expire first

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

test("a soft stop finishes the job in flight and takes no other", async () => {
  await using queue = new TestQueue(redis);
  const [taken, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const worker = await queue.startWorker(
    async (chunk) => {
      taken.resolve();
      await finish.promise;
      return makeVerdict(chunk);
    },
    { concurrency: 1 },
  );
  const sender = queue.openSender();
  await sender.send(makeChunk("in-flight.jpg"));
  await taken.promise;
  await sender.send(makeChunk("next.jpg"));
  const stopped = worker.stop({ graceMs: 60_000 });
  finish.resolve();
  await stopped;
  expect(await queue.counts("{verdicts-incoming}")).toEqual({ ...EMPTY, waiting: 1 });
  expect(await queue.counts("{live}")).toEqual({ ...EMPTY, waiting: 1 });
});

test("a hard stop gives the chunk back unharmed, and another worker finishes it", async () => {
  await using queue = new TestQueue(redis);
  const verdicts = await queue.collectVerdicts();
  const taken = Promise.withResolvers<void>();
  const first = await queue.startWorker(async (_, { signal }) => {
    taken.resolve();
    await once(signal, "abort");
    throw signal.reason;
  });
  await queue.openSender().send(makeChunk("slow.jpg"));
  await taken.promise;
  await first.stop({ graceMs: 20 });
  expect(await queue.counts("{live}")).toEqual({ ...EMPTY, waiting: 1 });
  const contexts: object[] = [];
  await queue.startWorker(async (chunk, { isSuspect, stalledCount }) => {
    contexts.push({ isSuspect, stalledCount });
    return makeVerdict(chunk);
  });
  await verdicts.untilCount(1);
  expect(contexts).toEqual([{ isSuspect: false, stalledCount: 0 }]);
  expect(queue.events.items).toEqual([]);
});

test("a handler that does not heed its signal cannot hold up the stop, and its chunk is not lost", async () => {
  await using queue = new TestQueue(redis);
  const taken = Promise.withResolvers<void>();
  const deaf = await queue.startWorker(async () => {
    taken.resolve();
    return await new Promise(() => undefined);
  });
  await queue.openSender().send(makeChunk("deaf.jpg"));
  await taken.promise;
  await deaf.stop({ graceMs: 20 });
  expect(queue.errors.items.some((error) => error instanceof ConsumerStopError)).toBe(true);
  const verdicts = await queue.collectVerdicts();
  await queue.startWorker();
  expect(await verdicts.untilCount(1)).toEqual(["deaf.jpg"]);
});

test("stop may be called twice and at the same time as the disposal", async () => {
  await using queue = new TestQueue(redis);
  const worker = await queue.startWorker();
  await Promise.all([worker.stop({ graceMs: 1000 }), worker.stop({ graceMs: 1000 })]);
  await worker[Symbol.asyncDispose]();
  expect(worker.isConnected).toBe(false);
});

test("a consumer can be started and stopped again and again without leaving connections", async () => {
  await using queue = new TestQueue(redis);
  const observer = queue.openRaw("{live}");
  const clientsBefore = await observer.getWorkersCount();
  for (let i = 0; i < 10; i++) {
    const worker = await queue.startWorker();
    if (i % 2 === 0) await queue.openSender().send(makeChunk(`${i}.jpg`));
    await worker.stop({ graceMs: 5000 });
  }
  expect(await observer.getWorkersCount()).toBe(clientsBefore);
});
