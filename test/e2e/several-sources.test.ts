import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { SluiceClient } from "@sluice/client";
import { FORBIDDEN_KIND } from "@sluice/demo-models";
import { expect, test } from "vitest";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite, type SiteSettings } from "../harness/test-site.ts";

const PORT = 18_480;

/** Two folders and two listeners of HTTP; each pair with two policies and two ensembles. */
function settings(): SiteSettings {
  const forbids = (label: string) => [{ label, quarantine: 0.5 }];
  const model = "models/squeezenet1_1";
  const folder = { kind: "folder", settleMs: 50, reconcileEveryMs: 2000 };
  const strict = { policy: "no-fish", ensemble: "hot" };
  const answer = (label: string) => ({ mode: "answer", forbidden: forbids(label) });
  return {
    ...siteSettings("sweep"),
    roots: {
      photos: { folder: "photos" },
      avatars: { folder: "avatars" },
      spool1: { folder: "spool1" },
      spool2: { folder: "spool2" },
    },
    sources: [
      { ...folder, name: "photos", root: "photos" },
      { ...folder, name: "avatars", root: "avatars", ...strict },
      { name: "api", kind: "http", root: "spool1", port: PORT, policy: "answer-default" },
      {
        name: "strict-api",
        kind: "http",
        root: "spool2",
        port: PORT + 1,
        ...strict,
        policy: "answer-no-fish",
      },
    ],
    ensembles: {
      default: { members: [{ model }] },
      hot: { members: [{ model, temperature: 2 }] },
    },
    policies: {
      default: { mode: "sweep", forbidden: forbids(FORBIDDEN_KIND) },
      "no-fish": { mode: "sweep", forbidden: forbids("fish") },
      "answer-default": answer(FORBIDDEN_KIND),
      "answer-no-fish": answer("fish"),
    },
  };
}

test("several sources of one kind are judged each by its own policy and its own ensemble", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  for (const name of ["photos", "avatars", "spool1", "spool2"]) await mkdir(site.path(name));
  await site.configure(settings());
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  const [fish, target] = await Promise.all([makePicture("fish", 1), makePicture("target", 1)]);
  for (const folder of ["photos", "avatars"]) {
    await writeFile(site.path(folder, "fish.jpg"), fish);
    await writeFile(site.path(folder, "target.jpg"), target);
  }
  const ask = async (port: number, picture: Uint8Array) => {
    const client = new SluiceClient({ url: `http://127.0.0.1:${port}` });
    const { answer } = await client.classify(new Uint8Array(picture), { waitMs: 30_000 });
    return answer;
  };
  const answers = await Promise.all([ask(PORT, fish), ask(PORT, target), ask(PORT + 1, fish)]);
  expect(answers.map((answer) => answer?.decision)).toEqual(["allow", "quarantine", "quarantine"]);
  expect(answers[0]?.ensembleDigest).not.toBe(answers[2]?.ensembleDigest);
  await stack.waitForDecisions(7);
  await stack.waitUntilIdle();
  const left = (folder: string) =>
    ["fish.jpg", "target.jpg"].filter((name) => existsSync(site.path(folder, name)));
  expect([left("photos"), left("avatars")]).toEqual([["fish.jpg"], ["target.jpg"]]);
  const status = await runSluice(["status"], {
    cwd: site.folder,
    env: { SLUICE_REDIS_URL: redis.url },
  });
  expect(status.stdout).toMatch(/worker-default .*ready[^]*worker-hot .*ready/u);
});
