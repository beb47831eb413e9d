import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeManyPictures } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

const COUNT = 300;

test("Redis killed in mid-run and back later: everything goes on by itself, nothing is lost or decided twice", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "gate" });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  const pids = await Promise.all([
    stack.pidOf("ingest"),
    stack.pidOf("worker"),
    stack.pidOf("moderation"),
  ]);
  const names = await makeManyPictures(site.path("staging"), COUNT);
  const upload = (part: readonly string[]) =>
    Promise.all(part.map((name) => copyFile(site.path("staging", name), join(site.uploads, name))));

  await upload(names.slice(0, 100));
  await stack.waitForDecisions(20);
  await redis.kill();
  // Uploads go on while there is no Redis; what was found waits in the journal.
  await upload(names.slice(100));
  await redis.restart();

  await stack.waitForDecisions(COUNT);
  await stack.waitUntilIdle();
  expect(stack.decidedTwice()).toEqual([]);
  expect(stack.decidedStrangers(names)).toEqual([]);
  expect(
    stack
      .wholeDecisions()
      .map(({ record }) => record.path)
      .toSorted(),
  ).toEqual(names);
  const pidsAfter = await Promise.all([
    stack.pidOf("ingest"),
    stack.pidOf("worker"),
    stack.pidOf("moderation"),
  ]);
  expect(pidsAfter).toEqual(pids);
});
