import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPatient } from "./connection.ts";
import { DeadLetters } from "./dead-letters.ts";
import { makeChunk, makeVerdict } from "./testing/sample-jobs.ts";
import { EMPTY, TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

test("a payload that does not parse goes to the dead letters at once, with the reason", async () => {
  await using queue = new TestQueue(redis);
  await queue.startWorker();
  await queue.addRaw("{live}", { v: 99, hello: "world" }, { attempts: 5 });
  await queue.events.untilCount(1);
  expect(queue.events.items).toMatchObject([{ event: "jobDead", about: { queue: "{live}" } }]);
  const [letter] = await queue.openRaw("{dead}").getWaiting();
  expect(letter?.data).toMatchObject({
    v: 1,
    queue: "{live}",
    reason: expect.stringMatching(/^payload does not parse: /u),
    payload: { v: 99, hello: "world" },
    isTruncated: false,
  });
});

test("an unknown version of a payload is not guessed at", async () => {
  await using queue = new TestQueue(redis);
  const handled: unknown[] = [];
  await queue.startWorker(async (chunk) => {
    handled.push(chunk);
    return makeVerdict(chunk);
  });
  await queue.addRaw("{live}", { ...makeChunk("a.jpg"), v: 2 });
  await queue.events.untilCount(1);
  expect(handled).toEqual([]);
  expect(await queue.counts("{dead}")).toEqual({ ...EMPTY, waiting: 1 });
});

test("a job that ran out of attempts is a dead letter too, and is gone from its own queue", async () => {
  await using queue = new TestQueue(redis);
  await queue.startWorker(async () => {
    throw new Error("the model cannot");
  });
  await queue.addRaw("{live}", makeChunk("a.jpg"), { attempts: 1 });
  await queue.events.untilCount(1);
  expect(queue.events.items).toMatchObject([
    { event: "jobDead", about: { reason: "the model cannot" } },
  ]);
  expect(await queue.counts("{dead}")).toEqual({ ...EMPTY, waiting: 1 });
});

test("letters of two queues with the same job id are two letters", async () => {
  await using queue = new TestQueue(redis);
  await queue.startWorker();
  await queue.addRaw("{live}", "not a chunk"); // both get id 1
  await queue.addRaw("{bulk}", "not a chunk");
  await queue.events.untilCount(2);
  expect(await queue.counts("{dead}")).toEqual({ ...EMPTY, waiting: 2 });
});

test("beyond the limit the oldest letters go; long reasons and large payloads are cut", async () => {
  await using queue = new TestQueue(redis);
  const connection = connectPatient(queue.options);
  await using dead = new DeadLetters(queue.options, { connection, maxLetters: 3 });
  const source = queue.openRaw("{live}");
  for (let i = 0; i < 5; i++) {
    const payload = i === 4 ? "я".repeat(2_000_000) : i;
    const job = await source.add("raw", payload, { jobId: `job-${i}` });
    await dead.bury("{live}", job, "x".repeat(5000));
  }
  const letters = (await queue.openRaw("{dead}").getWaiting()).map(({ data }) => data);
  expect(new Set(letters.map(({ jobId }) => jobId))).toEqual(new Set(["job-2", "job-3", "job-4"]));
  expect(letters.every(({ reason }) => reason.length === 2000)).toBe(true);
  const large = letters.find(({ jobId }) => jobId === "job-4");
  expect([large?.isTruncated, large?.payload.length]).toEqual([true, 1 << 20]);
  connection.close();
});
