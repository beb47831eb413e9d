import { afterAll, beforeAll, expect, test } from "vitest";
import { ContractSite } from "../../packages/s3/src/testing/contract-site.ts";
import { makePicture } from "../harness/pictures.ts";
import { Radosgw } from "../harness/radosgw.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

let radosgw: Radosgw;
let redis: TestRedis;
beforeAll(async () => {
  [radosgw, redis] = await Promise.all([Radosgw.start(), TestRedis.start()]);
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await radosgw[Symbol.asyncDispose]();
});

const FIELDS = {
  ContentType: "image/jpeg",
  CacheControl: "max-age=60",
  Metadata: { album: "summer" },
  Tagging: "owner=me",
};
const KEPT = {
  type: "image/jpeg",
  cacheControl: "max-age=60",
  metadata: { album: "summer" },
  tags: { owner: "me" },
};

/** A site whose roots are below `in/` and `out/` of a new bucket, and the bucket seen from outside. */
async function makeSite(mode: "gate" | "sweep", options: { isVersioned: boolean }) {
  const endpoint = radosgw.endpoint;
  const server = { endpoint: new URL(endpoint), credentials: radosgw.credentials };
  const bucket = await ContractSite.make(server, options);
  const root = (prefix: string) => ({ s3: { bucket: bucket.bucketName, prefix, endpoint } });
  const base = siteSettings(mode);
  const settings = {
    ...base,
    redis: { prefix: bucket.bucketName },
    roots: { uploads: root("in/"), published: root("out/") },
    sources: [{ name: "uploads", kind: "s3", root: "uploads", reconcileEveryMs: 1000 }],
  };
  const site = await TestSite.make({ mode, settings });
  const env = {
    AWS_ACCESS_KEY_ID: radosgw.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: radosgw.credentials.secretAccessKey,
  };
  return { bucket, site, env, start: () => RunningStack.start({ site, redisUrl: redis.url, env }) };
}

test("a forbidden object leaves its bucket; restored, it is as it was and stays", async () => {
  const { bucket, site, env, start } = await makeSite("sweep", { isVersioned: true });
  await using _ = site;
  const picture = await makePicture("target", 2);
  await bucket.put("in/album one/bäd.jpg", picture, FIELDS);
  await bucket.put("in/good.jpg", await makePicture("flower", 2), FIELDS);
  await using stack = await start();
  await stack.waitForDecisions(2);
  await stack.waitUntilIdle();
  expect(await bucket.see("in/album one/bäd.jpg")).toBeNull();
  expect(await bucket.countVersions("in/album one/bäd.jpg")).toBe(0);
  expect(await bucket.see("in/good.jpg")).toMatchObject(KEPT);

  const list = await runSluice(["quarantine", "list"], { cwd: site.folder, env });
  const [id = ""] = /q[0-9a-f]{24}/u.exec(list.stdout) ?? [];
  const restored = await runSluice(["restore", id, "--json"], { cwd: site.folder, env });
  expect([restored.code, JSON.parse(restored.stdout)]).toMatchObject([0, { result: "restored" }]);
  expect(await bucket.see("in/album one/bäd.jpg")).toMatchObject(KEPT);
  expect(await bucket.bytes("in/album one/bäd.jpg")).toEqual(picture);
  await stack.waitForDecisions(3);
  await stack.waitUntilIdle();
  expect(stack.decisions()[0]?.record).toMatchObject({
    decision: "allow",
    rule: { kind: "exemption" },
  });
  expect(await bucket.see("in/album one/bäd.jpg")).not.toBeNull();
  bucket[Symbol.dispose]();
});

/** A verdict that died with its process is taken up after 35 s. */
const WAIT_MS = 120_000;

test(
  "at the gate every upload ends in one place, whatever is killed meanwhile",
  { timeout: 2 * WAIT_MS },
  async () => {
    const { bucket, site, start } = await makeSite("gate", { isVersioned: false });
    await using _ = site;
    const names = Array.from({ length: 12 }, (__, i) => `${i}.jpg`);
    const isForbidden = (i: number) => i % 3 === 0;
    await using stack = await start();
    for (const [i, name] of names.entries()) {
      const picture = await makePicture(isForbidden(i) ? "target" : "house", i);
      await bucket.put(`in/${name}`, picture, FIELDS);
      if (i === 4) await stack.kill("moderation");
      if (i === 8) await stack.kill("worker");
    }
    await stack.waitForDecisions(names.length, WAIT_MS);
    await stack.waitUntilIdle();
    const arrived = await Promise.all(names.map((name) => bucket.see(`in/${name}`)));
    expect(names.filter((__, i) => arrived[i] !== null)).toEqual([]);
    const seen = await Promise.all(names.map((name) => bucket.see(`out/${name}`)));
    const published = names.filter((__, i) => seen[i] !== null);
    expect(published).toEqual(names.filter((__, i) => !isForbidden(i)));
    const asTheyWere: unknown = expect.objectContaining(KEPT);
    expect(seen.filter((one) => one !== null)).toEqual(published.map(() => asTheyWere));
    const results = stack.decisions().map(({ effect }) => effect.result);
    expect(results.filter((result) => result === "vaulted")).toHaveLength(4);
    expect(results.filter((result) => result === "published")).toHaveLength(8);
    bucket[Symbol.dispose]();
  },
);
