import { sourceNameSchema, settledJobSchema, type SettledJob } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSettledSender, startSettledConsumer } from "./settled.ts";
import { Recorder } from "./testing/recorder.ts";
import { makeChunk } from "./testing/sample-jobs.ts";
import { TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

function makeSettled(path: string, source = "uploads"): SettledJob {
  const { id, root, objects } = makeChunk(path);
  const [object] = objects;
  const versions = [{ path: object?.path, version: object?.version }];
  return settledJobSchema.parse({ v: 1, chunkId: id, source, root, objects: versions });
}

test("ingest hears which objects are decided, each source its own", async () => {
  await using queue = new TestQueue(redis);
  await using sender = openSettledSender(queue.options);
  await sender.send(makeSettled("a.jpg"));
  await sender.send(makeSettled("a.jpg")); // the same notice again is the same job
  await sender.send(makeSettled("b.jpg", "archive"));
  const heard = new Recorder<SettledJob>();
  await using _ = await startSettledConsumer({
    ...queue.options,
    sources: [sourceNameSchema.parse("uploads")],
    handle: async (settled) => heard.add(settled),
    events: queue.on,
  });
  await sender.send(makeSettled("last.jpg"));
  expect(await heard.untilCount(2)).toEqual([makeSettled("a.jpg"), makeSettled("last.jpg")]);
  expect(await queue.openRaw("{settled-archive}").getWaitingCount()).toBe(1);
});

test("a notice that could not be noted down comes again", async () => {
  await using queue = new TestQueue(redis);
  await using sender = openSettledSender(queue.options);
  const attempts = new Recorder<string>();
  await using _ = await startSettledConsumer({
    ...queue.options,
    sources: [sourceNameSchema.parse("uploads")],
    handle: async ({ chunkId }) => {
      attempts.add(chunkId);
      if (attempts.items.length === 1) throw new Error("journal is locked");
    },
    events: queue.on,
  });
  const settled = makeSettled("a.jpg");
  await sender.send(settled);
  expect(await attempts.untilCount(2)).toEqual([settled.chunkId, settled.chunkId]);
});

test("an object that is none of ours is refused before it is sent", async () => {
  await using queue = new TestQueue(redis);
  await using sender = openSettledSender(queue.options);
  await expect(sender.send({ ...makeSettled("a.jpg"), objects: [] })).rejects.toThrow(/objects/u);
});
