import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeManyPictures } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

const COUNT = 600;

test("ingest killed twice while files arrive: those that came meanwhile are found, none is decided twice", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  const names = await makeManyPictures(site.path("staging"), COUNT);
  const upload = async (part: readonly string[]): Promise<void> => {
    for (const name of part) {
      await copyFile(site.path("staging", name), join(site.uploads, name));
    }
  };

  await upload(names.slice(0, 200));
  await stack.waitForDecisions(20);
  await stack.kill("ingest");
  await upload(names.slice(200, 400));
  await stack.readiness("ingest");
  await stack.kill("ingest");
  await upload(names.slice(400));

  await stack.waitForDecisions(COUNT, 90_000);
  await stack.waitUntilIdle();
  expect(stack.decidedTwice()).toEqual([]);
  expect(stack.decidedStrangers(names)).toEqual([]);
  expect(
    stack
      .wholeDecisions()
      .map(({ record }) => record.path)
      .toSorted(),
  ).toEqual(names);
});
