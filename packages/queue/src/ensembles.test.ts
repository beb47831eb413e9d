import { ensembleInfoSchema, sha256Schema } from "@sluice/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEnsembleDirectory } from "./ensembles.ts";
import { TestQueue } from "./testing/test-queue.ts";
import { TestRedis } from "./testing/test-redis.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => await redis[Symbol.asyncDispose]());

const info = ensembleInfoSchema.parse({
  v: 1,
  name: "default",
  digest: "b".repeat(64),
  labels: ["target", "circle"],
  scoreFloor: 0.001,
  members: [{ model: "squeezenet1_1", digest: "c".repeat(64), weight: 1 }],
});

test("what a worker publishes about its ensemble others read by the digest", async () => {
  await using queue = new TestQueue(redis);
  await using worker = openEnsembleDirectory(queue.options);
  await using moderation = openEnsembleDirectory(queue.options);
  expect(await moderation.read(info.digest)).toBeNull();
  await worker.publish(info);
  await worker.publish(info);
  expect(await moderation.read(info.digest)).toEqual(info);
  expect(await moderation.read(sha256Schema.parse("d".repeat(64)))).toBeNull();
});

test("two installations on one Redis do not read each other's", async () => {
  await using ours = openEnsembleDirectory(new TestQueue(redis).options);
  await using theirs = openEnsembleDirectory(new TestQueue(redis).options);
  await ours.publish(info);
  expect(await theirs.read(info.digest)).toBeNull();
});
