import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { expect, test } from "vitest";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

/** The demo's smallest network with weights that became NaN; building one from such weights is refused. */
async function spoilModel(site: TestSite): Promise<void> {
  await buildFromCard(findModelCard("squeezenet1_1"), site.path("models/nan"));
  const path = site.path("models/nan/onnx/model.onnx");
  const model = await readFile(path);
  const middle = Math.floor(model.length / 2); // within the weights, which are nearly all of it
  await writeFile(path, model.fill(0xff, middle, middle + 12)); // two whole float32 at least
}

test("a network that gives NaN publishes nothing, even under a policy that lets everything pass unseen", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "gate" });
  await spoilModel(site);
  const lax = { unscannable: { default: "allow" }, damaged: "allow", forbidden: [] };
  await site.configure({
    ...siteSettings("gate"),
    ensembles: {
      default: { members: [{ model: "models/squeezenet1_1" }, { model: "models/nan" }] },
    },
    policies: { default: { mode: "gate", publishTo: "published", ...lax } },
  });
  await writeFile(join(site.uploads, "fish.jpg"), await makePicture("fish", 1));
  await writeFile(
    join(site.uploads, "notes.jpg"),
    "no picture: allowed unseen, as the policy says",
  );
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  await stack.waitForDecisions(2);
  await stack.waitUntilIdle();
  expect(existsSync(join(site.published, "notes.jpg"))).toBe(true);
  expect(existsSync(join(site.published, "fish.jpg"))).toBe(false);
  const env = { SLUICE_REDIS_URL: redis.url };
  const review = await runSluice(["review", "list"], { cwd: site.folder, env });
  expect(review.stdout).toMatch(/fish\.jpg.*model-failure/u);
});
