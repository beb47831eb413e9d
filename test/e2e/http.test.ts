import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { SluiceClient } from "@sluice/client";
import { expect, test } from "vitest";
import { makePicture } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite, type SiteSettings } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

const KEY = "a-key-that-only-the-test-knows";
const PICTURE = "image/jpeg";

function httpSettings(change: object = {}): SiteSettings {
  const settings = siteSettings("sweep");
  const [policy] = Object.values(settings["policies"] as Record<string, { forbidden: unknown }>);
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  const scopes = ["classify", "scan", "reference"];
  return {
    ...settings,
    roots: { spool: { folder: "spool" }, uploads: { folder: "uploads" } },
    sources: [
      {
        name: "api",
        kind: "http",
        root: "spool",
        port: 0,
        keys: [{ name: "test", sha256, scopes }],
        ...change,
      },
    ],
    policies: { default: { mode: "answer", forbidden: policy?.forbidden } },
  };
}

async function open(site: TestSite, redisUrl: string) {
  const stack = await RunningStack.start({ site, redisUrl });
  const line = await until(
    async () => (await stack.log()).split("\n").find((text) => text.includes("http.listening")),
    { what: "the API to listen", timeoutMs: 20_000, describe: () => stack.log() },
  );
  const { address } = JSON.parse(line) as { address: string };
  const url = `http://${address}`;
  return { stack, url, client: new SluiceClient({ url, key: KEY }) };
}

async function makeSite(change: object = {}): Promise<TestSite> {
  const site = await TestSite.make({ mode: "sweep" });
  await mkdir(site.path("spool"));
  await site.configure(httpSettings(change));
  return site;
}

test("an application sends pictures and hears what was decided; our copies go, what is forbidden is kept", async () => {
  await using redis = await TestRedis.start();
  await using site = await makeSite();
  const { stack, url, client } = await open(site, redis.url);
  await using _ = stack;
  const [fish, target] = await Promise.all([makePicture("fish", 3), makePicture("target", 3)]);
  const blob = (bytes: Uint8Array) => new Blob([new Uint8Array(bytes)], { type: PICTURE });

  const allowed = await client.classify(blob(fish), { waitMs: 20_000 });
  expect(allowed).toMatchObject({
    status: "decided",
    answer: { decision: "allow", unscannable: null, scores: [{ label: "fish" }, {}, {}, {}, {}] },
  });
  const results = await client.classifyAll(
    [
      ["target.jpg", blob(target)],
      ["letter.txt", new Blob(["no picture"])],
    ],
    { waitMs: 20_000 },
  );
  expect(results).toMatchObject([
    { filename: "target.jpg", answer: { decision: "quarantine", rule: { label: "target" } } },
    { filename: "letter.txt", answer: { decision: "review", unscannable: "not-an-image" } },
  ]);
  expect(await client.scan(blob(target))).toEqual({ isAllowed: false, decision: "quarantine" });
  expect(await client.scan(blob(fish))).toEqual({ isAllowed: true, decision: "allow" });

  await writeFile(site.path("uploads", "a.jpg"), fish);
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const ask = async (body: object) =>
    await fetch(`${url}/v1/classify?wait=20000`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
  expect(await (await ask({ root: "uploads", path: "a.jpg" })).json()).toMatchObject({
    answer: { decision: "allow" },
  });
  expect((await ask({ root: "uploads", path: "absent.jpg" })).status).toBe(404);
  expect((await fetch(`${url}/v1/classify`, { method: "POST" })).status).toBe(401);

  await stack.waitUntilIdle();
  expect(await readdir(site.path("spool"))).toEqual([".sluice-receiving"]);
  const vaulted = stack.decisions().filter(({ effect }) => effect.result === "vaulted");
  expect(vaulted).toHaveLength(3);
});

test("ingest is killed in mid-traffic: what was accepted is decided, once", async () => {
  await using redis = await TestRedis.start();
  await using site = await makeSite({ port: 18_470 });
  const { stack, client } = await open(site, redis.url);
  await using _ = stack;
  const pictures = await Promise.all(
    Array.from({ length: 60 }, async (__, i) => await makePicture("fish", 100 + i)),
  );
  const accepted: string[] = [];
  const send = async (picture: Uint8Array): Promise<void> => {
    const result = await client.classify(new Uint8Array(picture)).catch(() => null); // refused while it is away
    if (result !== null) accepted.push(result.id);
  };
  for (const [i, picture] of pictures.entries()) {
    if (i === 30) await stack.kill("ingest");
    await send(picture);
  }
  await stack.readiness("ingest");
  await send(await makePicture("fish", 200));
  await stack.waitUntilIdle();
  expect(accepted.length).toBeGreaterThan(30);
  const decided = stack.decisions().map(({ record }): string => record.path);
  expect(decided.filter((path) => accepted.includes(path)).toSorted()).toEqual(accepted.toSorted());
  expect(stack.decidedTwice()).toEqual([]);
});
