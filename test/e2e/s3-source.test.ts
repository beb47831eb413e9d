import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeBucketPlace } from "../../apps/ingest/src/testing/bucket-place.ts";
import { describeLine } from "../../apps/ingest/src/testing/line-conformance.ts";
import { LineSite } from "../../apps/ingest/src/testing/line-site.ts";
import { RealBucket } from "../../packages/s3/src/source/testing/real-bucket.ts";
import { freePorts } from "../harness/free-ports.ts";
import { createTopic } from "../harness/radosgw-topic.ts";
import { Radosgw } from "../harness/radosgw.ts";
import { until } from "../harness/until.ts";

let radosgw: Radosgw;
beforeAll(async () => {
  radosgw = await Radosgw.start();
  vi.stubEnv("AWS_ACCESS_KEY_ID", radosgw.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", radosgw.credentials.secretAccessKey);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await radosgw[Symbol.asyncDispose]();
});

async function makeBucket(options: { isVersioned?: boolean } = {}): Promise<RealBucket> {
  const server = { endpoint: new URL(radosgw.endpoint), credentials: radosgw.credentials };
  return await RealBucket.make(server, options);
}

async function untilSent(site: LineSite, names: readonly string[]): Promise<void> {
  await until(() => (names.every((name) => site.sentNames.includes(name)) ? true : undefined), {
    what: names.join(", "),
    timeoutMs: 30_000,
    describe: () => JSON.stringify(site.sentNames),
  });
}

describeLine("s3 at Ceph's gateway", async () => await makeBucketPlace(await makeBucket()));
describeLine(
  "s3 at Ceph's gateway, with versions",
  async () => await makeBucketPlace(await makeBucket({ isVersioned: true })),
);

describe("at Ceph's gateway", () => {
  test("its own events bring an object to the queue with no listing between", async () => {
    await using bucket = await makeBucket();
    const [port = 0] = await freePorts(1);
    const secret = "sesame";
    const secretSha256 = createHash("sha256").update(secret).digest("hex");
    const pushEndpoint = `http://127.0.0.1:${port}/?secret=${secret}`;
    const topicArn = await createTopic(radosgw, { name: `topic-${port}`, pushEndpoint });
    const place = {
      root: { s3: bucket.settings },
      source: { kind: "s3", webhook: { port, secretSha256 }, reconcileEveryMs: 86_400_000 },
      put: async (name: string, content = "x") => await bucket.put(name, content),
      remove: async (name: string) => await bucket.remove(name),
      hint: null,
      [Symbol.asyncDispose]: async () => await Promise.resolve(),
    };
    await using site = new LineSite(place);
    await using line = await site.open();
    await until(() => (line.readiness(Date.now()).isReady ? true : undefined), {
      what: "the first listing",
      timeoutMs: 30_000,
    });
    await bucket.notify(topicArn);
    const names = ["up/ü a+b.jpg", "a%20b.jpg", "plain.jpg"];
    for (const name of names) await bucket.put(name, "content");
    await bucket.remove("plain.jpg");
    await untilSent(site, names);
    expect(site.sentNames.toSorted()).toEqual(names.toSorted());
  });

  test.each([false, true])(
    "3500 keys, odd ones among them, are listed once each; versions: %s",
    async (isVersioned) => {
      await using bucket = await makeBucket({ isVersioned });
      const odd = [
        "a//b",
        "../up",
        "./x",
        "ctrl\u0001.jpg",
        "line\nbreak",
        "<x>&'\"",
        "😀/ы.jpg",
        "+ %2B",
      ];
      const names = Array.from({ length: 3492 }, (_, n) => `day-${n % 5}/${n}.jpg`);
      const keys = [...names, ...odd];
      for (let at = 0; at < keys.length; at += 64) {
        await Promise.all(keys.slice(at, at + 64).map(async (key) => await bucket.put(key, "x")));
      }
      if (isVersioned) for (const key of odd) await bucket.put(key, "xy");
      const place = await makeBucketPlace(bucket);
      await using site = new LineSite(place);
      await using _line = await site.open({ concurrency: 4 });
      await until(() => (site.sentObjects.length >= keys.length ? true : undefined), {
        what: "everything",
        timeoutMs: 60_000,
        describe: () => String(site.sentObjects.length),
      });
      const found = site.sentObjects.map(({ path }) => bucket.bucket.keyOf(path) ?? path);
      expect(found.toSorted()).toEqual(keys.toSorted());
    },
  );
});
