import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

const MODELS = ["squeezenet1_1", "efficientnet_b0"] as const;

/** Who is clearly no target leaves after the first stage; a target never does. */
const CASCADE = {
  stages: [["squeezenet1_1"], ["efficientnet_b0"]],
  exits: [
    { stage: 1, label: "target", threshold: 0.5, below: 0.2, above: 1 },
    { stage: 1, label: "target", threshold: 0.2, below: 0.1, above: 1 },
  ],
};

const decisionsSchema = z.array(
  z.object({
    path: z.string(),
    decision: z.string(),
    classification: z.object({
      cascade: z.object({ stage: z.number(), stages: z.number() }),
      members: z.array(z.object({ model: z.string() })),
    }),
  }),
);

test("an upload that is clear leaves after the first stage, another one sees all members, and both decisions say so", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "gate", models: MODELS });
  const settings = siteSettings("gate", MODELS);
  const members = MODELS.map((name) => ({ model: `models/${name}` }));
  await site.configure({ ...settings, ensembles: { default: { members, cascade: CASCADE } } });
  await writeFile(join(site.uploads, "fish.jpg"), await makePicture("fish", 1));
  await writeFile(join(site.uploads, "bad.jpg"), await makePicture("target", 1));
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  await stack.waitForDecisions(2);
  await stack.waitUntilIdle();
  const run = await runSluice(["decisions", "--json"], {
    cwd: site.folder,
    env: { SLUICE_REDIS_URL: redis.url },
  });
  const decisions = decisionsSchema.parse(JSON.parse(run.stdout));
  const told = decisions.map(({ path, decision, classification: { cascade, members: ran } }) => {
    return { path, decision, cascade, members: ran.map(({ model }) => model) };
  });
  expect(told.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    {
      path: "bad.jpg",
      decision: "quarantine",
      cascade: { stage: 2, stages: 2 },
      members: ["squeezenet1_1", "efficientnet_b0"],
    },
    {
      path: "fish.jpg",
      decision: "allow",
      cascade: { stage: 1, stages: 2 },
      members: ["squeezenet1_1"],
    },
  ]);
  const metrics = await (await fetch(`${await stack.readiness("worker")}/metrics`)).text();
  expect(metrics).toContain('sluice_cascade_exits_total{stage="1"} 1');
  expect(metrics).toContain('sluice_cascade_exits_total{stage="2"} 1');
});
