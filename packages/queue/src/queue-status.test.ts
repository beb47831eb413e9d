import { ensembleNameSchema, rootNameSchema } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QueueUnavailableError } from "./errors.ts";
import { readQueueStatus } from "./queue-status.ts";
import { makeChunk } from "./testing/sample-jobs.ts";
import { EMPTY, TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

test("the status names every configured queue and what is in it", async () => {
  await using queue = new TestQueue(redis);
  const sender = queue.openSender();
  await sender.send(makeChunk("a.jpg"));
  await sender.send({ ...makeChunk("b.jpg"), lane: "bulk" });
  const { root, source, ensemble } = makeChunk("any");
  const other = ensembleNameSchema.parse("strict");
  await sender.send({ ...makeChunk("c.jpg"), ensemble: other });
  const names = { ensembles: [ensemble, other], roots: [root], sources: [source] };
  const status = await readQueueStatus({ ...queue.options, ...names });
  expect(status).toEqual([
    { name: "{live}", ...EMPTY, waiting: 1 },
    { name: "{bulk}", ...EMPTY, waiting: 1 },
    { name: "{suspect}", ...EMPTY },
    { name: "{live-strict}", ...EMPTY, waiting: 1 },
    { name: "{bulk-strict}", ...EMPTY },
    { name: "{suspect-strict}", ...EMPTY },
    { name: "{verdicts-incoming}", ...EMPTY },
    { name: "{settled-uploads}", ...EMPTY },
    { name: "{dead}", ...EMPTY },
  ]);
});

test("hundreds of roots give a status without warnings about listeners", async () => {
  await using queue = new TestQueue(redis);
  const warnings: string[] = [];
  const warn = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", warn);
  const roots = Array.from({ length: 200 }, (_, i) => rootNameSchema.parse(`root-${i}`));
  expect(
    await readQueueStatus({ ...queue.options, ensembles: [], roots, sources: [] }),
  ).toHaveLength(201);
  await new Promise((resolve) => setImmediate(resolve)); // warnings are emitted in a later turn
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});

test("without Redis the status is one error that callers know", async () => {
  const options = { redisUrl: "redis://127.0.0.1:1", prefix: "t", onError: () => undefined };
  await expect(
    readQueueStatus({ ...options, ensembles: [], roots: [], sources: [] }),
  ).rejects.toBeInstanceOf(QueueUnavailableError);
});
