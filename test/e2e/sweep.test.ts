import { existsSync } from "node:fs";
import { chmod, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

test("a forbidden file is taken from a public folder; restored, it is as it was and stays", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  const bad = join(site.uploads, "bad.jpg");
  const bytes = await makePicture("target", 2);
  await writeFile(bad, bytes);
  await chmod(bad, 0o640);
  await utimes(bad, new Date("2026-01-02T03:04:05.678Z"), new Date("2026-01-02T03:04:05.678Z"));
  const before = await stat(bad, { bigint: true });
  await writeFile(join(site.uploads, "good.jpg"), await makePicture("flower", 2));
  await stack.waitForDecisions(2);
  await stack.waitUntilIdle();
  expect(existsSync(join(site.uploads, "good.jpg"))).toBe(true);
  expect(existsSync(bad)).toBe(false);

  const list = await runSluice(["quarantine", "list"], { cwd: site.folder });
  const [id = ""] = /q[0-9a-f]{24}/u.exec(list.stdout) ?? [];
  const restored = await runSluice(["restore", id, "--json"], { cwd: site.folder });
  expect([restored.code, JSON.parse(restored.stdout)]).toMatchObject([0, { result: "restored" }]);

  const after = await stat(bad, { bigint: true });
  expect([after.mode, after.mtimeNs, after.size]).toEqual([
    before.mode,
    before.mtimeNs,
    before.size,
  ]);
  expect((await readFile(bad)).equals(bytes)).toBe(true);
  await stack.waitForDecisions(3);
  await stack.waitUntilIdle();
  expect(stack.decisions()[0]?.record).toMatchObject({
    decision: "allow",
    rule: { kind: "exemption" },
  });
  expect(existsSync(bad)).toBe(true);
});
