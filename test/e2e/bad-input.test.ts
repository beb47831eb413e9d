import { rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSluice, type SluiceRun } from "../harness/run-sluice.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite, type SiteSettings } from "../harness/test-site.ts";

/** A port that nothing listens on: the discard service, which no machine runs any more. */
const NO_REDIS = "redis://127.0.0.1:9";

let redis: TestRedis;
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

/** `sluice start` on a site that something is wrong with. */
async function startBadly(
  spoil: (site: TestSite) => Promise<void>,
  redisUrl: string,
): Promise<SluiceRun> {
  await using site = await TestSite.make({ mode: "gate" });
  await spoil(site);
  return await runSluice(["start"], { cwd: site.folder, env: { SLUICE_REDIS_URL: redisUrl } });
}

function configure(change: SiteSettings): (site: TestSite) => Promise<void> {
  return (site) => site.configure({ ...siteSettings("gate"), ...change });
}

/** What a person gets to see of a failed start. */
function told({ code, stdout, stderr }: SluiceRun) {
  return { code, message: stderr, hasStack: /^\s+at \S+ \(/mu.test(stdout + stderr) };
}

const gatePolicy = { mode: "gate", publishTo: "published" };

describe("start refuses, before anything runs, with exit code 78 and what to do", () => {
  test.each<[string, (site: TestSite) => Promise<void>, RegExp]>([
    [
      "an unknown setting",
      configure({ worker: { maxBatchItem: 8 } }),
      /worker\.maxBatchItem: unknown setting; did you mean "maxBatchItems"/u,
    ],
    [
      "settings that contradict each other",
      configure({ worker: { lockDurationMs: 1000, stalledIntervalMs: 3000 } }),
      /worker\.stalledIntervalMs and worker\.lockDurationMs/u,
    ],
    [
      "a label that no model knows",
      configure({
        policies: { default: { ...gatePolicy, forbidden: [{ label: "tagret", review: 0.2 }] } },
      }),
      /policies\.default\.forbidden\[0\]\.label: received "tagret".*did you mean "target"\?/u,
    ],
    [
      "a missing uploads folder",
      (site) => rm(site.uploads, { recursive: true }),
      /roots\.uploads\.folder: expected a folder, \S+uploads does not exist; create it/u,
    ],
    [
      "a model directory without labels",
      (site) => writeFile(site.path("models/squeezenet1_1/config.json"), '{"id2label": {}}'),
      /ensembles\.default\.members\[0\]\.model: \S+config\.json: id2label is empty/u,
    ],
    [
      "a model directory that is not there",
      (site) => rm(site.path("models"), { recursive: true }),
      /ensembles\.default\.members\[0\]\.model: \S+config\.json: cannot be read/u,
    ],
  ])("%s", async (_, spoil, message) => {
    // With a Redis that does not answer: the configuration is looked at first.
    const run = await startBadly(spoil, NO_REDIS);
    expect(told(run)).toEqual({
      code: 78,
      message: expect.stringMatching(message),
      hasStack: false,
    });
  });

  test("a network that cannot be loaded", async () => {
    const spoil = (site: TestSite) =>
      writeFile(site.path("models/squeezenet1_1/onnx/model.onnx"), "not a network");
    const run = await startBadly(spoil, redis.url);
    expect(told(run)).toMatchObject({ code: 78, hasStack: false });
    expect(run.stderr).toMatch(/model\.onnx/u);
  });

  test("several mistakes are told at once", async () => {
    const run = await startBadly(async (site) => {
      await rm(site.uploads, { recursive: true });
      await rm(site.path("models"), { recursive: true });
    }, NO_REDIS);
    expect(told(run)).toMatchObject({ code: 78, hasStack: false });
    expect(run.stderr).toMatch(/roots\.uploads[\s\S]*ensembles\.default/u);
  });
});

test("a Redis that does not answer ends the start with exit code 69 and the ways out", async () => {
  const run = await startBadly(() => Promise.resolve(), NO_REDIS);
  expect(told(run)).toMatchObject({ code: 69, hasStack: false });
  expect(run.stderr).toMatch(/cannot reach Redis at redis:\/\/127\.0\.0\.1:9 .*SLUICE_REDIS_URL/u);
});
