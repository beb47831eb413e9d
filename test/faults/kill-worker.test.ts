import { createHash } from "node:crypto";
import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RecordsView } from "@sluice/storage";
import { makeManyPictures } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

const COUNT = 2000;

test("2,000 pictures while engine and worker are killed three times: every file ends with exactly one decision", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "gate" });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  const names = await makeManyPictures(site.path("staging"), COUNT);

  const copying = copyAll(names, site);
  await stack.waitForDecisions(100);
  await stack.kill("engine");
  await stack.waitForDecisions(500);
  await stack.kill("worker");
  await stack.waitForDecisions(1000, 90_000);
  await stack.kill("worker");
  await copying;
  await stack.waitForDecisions(COUNT, 90_000);
  await stack.waitUntilIdle();

  expect(stack.decidedTwice()).toEqual([]);
  expect(stack.decidedStrangers(names)).toEqual([]);
  const decisions = stack.wholeDecisions();
  expect(decisions.map(({ record }) => record.path).toSorted()).toEqual(names);
  expect(decisions.filter(({ effect }) => effect.state !== "done")).toEqual([]);
  // No picture was at fault, so none may be blamed for the deaths around it.
  expect(decisions.filter(({ record }) => record.classification.kind !== "classified")).toEqual([]);
  await expectEachInOnePlace(site, stack, names);
});

async function copyAll(names: readonly string[], site: TestSite): Promise<void> {
  for (const name of names) await copyFile(site.path("staging", name), join(site.uploads, name));
}

/** Nothing vanished on the way: every name is published, held or in the vault, and only there. */
async function expectEachInOnePlace(
  site: TestSite,
  stack: RunningStack,
  names: readonly string[],
): Promise<void> {
  using records = RecordsView.open(stack.config.moderation.databasePath);
  const vaulted = (records?.vault({ limit: 1_000_000 }) ?? []).map(({ path }): string => path);
  const [held, published] = await Promise.all([readdir(site.uploads), readdir(site.published)]);
  const places = [...held, ...published, ...vaulted].filter((name) => name.endsWith(".jpg"));
  expect(places.toSorted()).toEqual(names.toSorted());
  const hash = async (path: string) =>
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  const pictures = published.filter((name) => name.endsWith(".jpg"));
  for (const name of pictures.slice(0, 50)) {
    expect(await hash(join(site.published, name))).toBe(await hash(site.path("staging", name)));
  }
}
