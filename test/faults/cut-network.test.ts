import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { RecordsView } from "@sluice/storage";
import { expect, test } from "vitest";
import { NetworkNamespace } from "../harness/network-namespace.ts";
import { makeManyPictures } from "../harness/pictures.ts";
import { startRelay } from "../harness/relay.ts";
import { RunningApp } from "../harness/running-app.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

const COUNT = 1500;
const SLUICE_OBJECT_KEY = "0123456789abcdef0123456789abcdef";

test("a worker on another network, which is cut in the middle: every picture is classified and decided once", async () => {
  await using redis = await TestRedis.start();
  await using namespace = await NetworkNamespace.open();
  const { hostname: host, port } = new URL(redis.url);
  await using relay = await startRelay(namespace.hostAddress, { host, port: Number(port) });
  await using site = await TestSite.make({ mode: "sweep" });
  const objectEndpoint = { host: namespace.hostAddress, port: 0, trustedNetwork: true };
  await site.configure({ ...siteSettings("sweep"), objectEndpoint });

  const env = { SLUICE_REDIS_URL: redis.url, SLUICE_OBJECT_KEY };
  const here = { folder: site.folder, dataDir: site.path("data"), env };
  await using ingest = await RunningApp.start({ ...here, app: "ingest" });
  await using moderation = await RunningApp.start({ ...here, app: "moderation" });
  await ingest.told("endpoint.listening");
  const endpoint = `http://${namespace.hostAddress}:${await readPort(ingest)}`;

  await using far = await TestSite.make({ mode: "sweep" });
  await far.configure(farSettings(endpoint));
  const redisUrl = new URL(redis.url);
  redisUrl.hostname = namespace.hostAddress;
  redisUrl.port = String(relay.port);
  await using worker = await RunningApp.start({
    app: "worker",
    folder: far.folder,
    dataDir: far.path("data"),
    env: { SLUICE_REDIS_URL: redisUrl.href, SLUICE_OBJECT_KEY },
    namespace,
  });

  const names = await makeManyPictures(site.path("staging"), COUNT);
  for (const name of names) await rename(site.path("staging", name), join(site.uploads, name));
  const { databasePath } = (await site.loadConfig()).moderation;
  await decisionsReach(databasePath, 200, moderation);
  await namespace.cut();
  await worker.told("endpoint.troubled");
  const before = countDecisions(databasePath);
  expect(before).toBeLessThan(COUNT);
  await namespace.mend();
  await decisionsReach(databasePath, COUNT, moderation);

  using records = RecordsView.open(databasePath);
  const whole = (records?.decisions({ limit: 1_000_000 }) ?? []).filter(
    ({ record }) => record.decision !== "gone",
  );
  expect(whole.map(({ record }) => record.path).toSorted()).toEqual(names);
  // An outage is no reason to hold a picture.
  expect(whole.filter(({ record }) => record.classification.kind !== "classified")).toEqual([]);
  expect((await readdir(far.uploads)).length).toBe(0);
});

/** What the other host has: the models, and no folder of the objects. */
function farSettings(endpoint: string): Record<string, unknown> {
  return {
    ...siteSettings("sweep"),
    roots: { uploads: { endpoint }, published: { folder: "published" } },
    objectEndpoint: { stallTimeoutMs: 1000 },
  };
}

async function readPort(ingest: RunningApp): Promise<number> {
  const line = (await ingest.log()).split("\n").find((text) => text.includes("endpoint.listening"));
  const { port } = JSON.parse(line ?? "{}") as { port: number };
  return port;
}

function countDecisions(databasePath: string): number {
  using records = RecordsView.open(databasePath);
  const counts = records?.counts().decisions ?? {};
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function decisionsReach(path: string, count: number, app: RunningApp): Promise<void> {
  await until(() => (countDecisions(path) >= count ? true : undefined), {
    what: `${count} decisions`,
    timeoutMs: 90_000,
    describe: async () => `${countDecisions(path)} decisions\n${await app.log()}`,
  });
}
