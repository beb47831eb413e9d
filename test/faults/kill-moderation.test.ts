import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RecordsView } from "@sluice/storage";
import { makePicture } from "../harness/pictures.ts";
import { isAlive } from "../harness/processes.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

test("moderation killed between vault write and move: afterwards the file is in exactly one place, with its record", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  const bad = join(site.uploads, "bad.jpg");
  const bytes = await makePicture("target", 4);
  await writeFile(bad, bytes);
  {
    // Every life of moderation kills itself at this step, until the stack is stopped.
    const env = { SLUICE_FAULT_KILL_AT: "record.taking" };
    await using crashing = await RunningStack.start({ site, redisUrl: redis.url, env });
    await crashing.waitForDecisions(1);
    const pid = await crashing.pidOf("moderation");
    await until(() => (isAlive(pid) ? undefined : true), {
      what: "moderation to be killed by the fault",
      timeoutMs: 30_000,
      describe: () => crashing.log(),
    });
    expect(existsSync(bad)).toBe(true);
  }

  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  using records = RecordsView.open(stack.config.moderation.databasePath);
  const kept = await until(
    () => {
      const found = records?.vault({ states: ["quarantined"], limit: 10 }) ?? [];
      return found.length > 0 ? found : undefined;
    },
    { what: "the effect to be finished", timeoutMs: 30_000, describe: () => stack.log() },
  );
  expect(existsSync(bad)).toBe(false);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(kept).toMatchObject([{ root: "uploads", path: "bad.jpg", sha256, state: "quarantined" }]);
  expect(await hashesBelow(stack.config.moderation.vaultDir)).toContain(sha256);
  expect(stack.decisions()).toHaveLength(1);
});

async function hashesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) =>
      createHash("sha256")
        .update(await readFile(join(parentPath, name)))
        .digest("hex"),
    ),
  );
}
