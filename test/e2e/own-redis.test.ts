import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findRunningRedis } from "@sluice/local-redis";
import { makePicture } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestSite } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";
import { readFile } from "node:fs/promises";

async function redisPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, "server.json"), "utf8");
  const { pid } = JSON.parse(text) as { pid: number };
  return pid;
}

test("without a configured Redis start runs one of its own, starts it again when it is killed, and ends it", async () => {
  await using site = await TestSite.make({ mode: "gate" });
  await using stack = await RunningStack.start({ site, redisUrl: "" });
  const dataDir = join(stack.config.dataDir, "redis");
  const url = await findRunningRedis(dataDir);
  expect(url).not.toBeNull();

  const pid = await redisPid(dataDir);
  process.kill(pid, "SIGKILL");
  await until(async () => ((await redisPid(dataDir)) === pid ? undefined : true), {
    what: "another Redis",
    timeoutMs: 20_000,
    describe: () => stack.log(),
  });
  expect(await findRunningRedis(dataDir)).toBe(url);
  await writeFile(join(site.uploads, "a.jpg"), await makePicture("house", 3));
  await stack.waitForDecisions(1);

  expect(await stack.stop()).toBe(0);
  expect(await findRunningRedis(dataDir)).toBeNull();
});

test("after sluice start was killed the next start takes over, and what was decided is not decided again", async () => {
  await using site = await TestSite.make({ mode: "sweep" });
  await writeFile(join(site.uploads, "a.jpg"), await makePicture("house", 3));
  {
    await using killed = await RunningStack.start({ site, redisUrl: "" });
    await killed.waitForDecisions(1);
    await killed.killSupervisor();
  }
  await using stack = await RunningStack.start({ site, redisUrl: "" });
  await writeFile(join(site.uploads, "b.jpg"), await makePicture("house", 4));
  await stack.waitForDecisions(2);
  expect(stack.decisions().map(({ record }) => record.path)).toEqual(["b.jpg", "a.jpg"]);
});
