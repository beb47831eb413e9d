import { rm } from "node:fs/promises";
import { SqliteJournal } from "@sluice/storage";
import { sourceNameSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { Downstream } from "./testing/downstream.ts";
import { IngestSite, until } from "./testing/ingest-site.ts";

const uploads = sourceNameSchema.parse("uploads");

function countDecided(site: IngestSite): number {
  using journal = SqliteJournal.open(site.path("data/ingest/journal.sqlite"));
  return journal.counts(uploads).decided;
}

test("files are found, sent, decided, and after a restart only what is new or changed is sent again", async () => {
  await using site = await IngestSite.make();
  await using downstream = await Downstream.start(site.queue);
  await site.upload("before.jpg");
  await site.upload("deep/before.jpg");
  const first = await site.start();
  await site.upload("live.jpg");
  await until(() => downstream.paths.length === 3, "three objects taken");
  await until(() => countDecided(site) === 3, "three objects decided");
  await until(async () => (await first.get("/readyz")).includes('"isReady":true'), "ready");
  expect(await first.get("/metrics")).toContain(
    'sluice_ingest_objects_sent_total{source="uploads"} 3',
  );
  expect(await first.stop()).toBe(0);
  expect(first.errors).toBe("");
  await site.upload("while-down.jpg");
  await site.upload("before.jpg", "CONTENT");
  const second = await site.start();
  await until(() => countDecided(site) === 4, "four objects decided");
  await until(() => second.events.includes("folder.reconciled"), "listed");
  expect(downstream.paths.toSorted()).toEqual(
    ["before.jpg", "deep/before.jpg", "live.jpg", "while-down.jpg", "before.jpg"].toSorted(),
  );
  expect(await second.stop()).toBe(0);
}, 60_000);

test("while Redis is gone everything waits, and goes on by itself when it is back", async () => {
  await using site = await IngestSite.make();
  await site.configure({}, { commandTimeoutMs: 500 });
  const ingest = await site.start();
  await site.redis.kill();
  for (let index = 0; index < 20; index++) await site.upload(`${index}.jpg`);
  await until(() => ingest.events.includes("queue.lost"), "the outage is noticed");
  await until(async () => (await ingest.get("/readyz")).includes('"isReady":false'), "not ready");
  expect(await ingest.get("/livez")).toContain("alive");
  await site.restartRedis();
  await using downstream = await Downstream.start(site.queue);
  await until(() => new Set(downstream.paths).size === 20, "all of them taken");
  await until(() => countDecided(site) === 20, "all of them decided");
  await until(async () => (await ingest.get("/readyz")).includes('"isReady":true'), "ready again");
  const warnings = ingest.output.match(/"level":"warn".*"event":"queue\.lost"/gu);
  expect(warnings).toHaveLength(1);
  expect(ingest.events).toContain("queue.recovered");
  expect(await ingest.stop()).toBe(0);
}, 60_000);

test("killed without warning, it goes on where it was", async () => {
  await using site = await IngestSite.make();
  const killed = await site.start();
  for (let index = 0; index < 200; index++) await site.upload(`${index}.jpg`);
  await until(() => killed.events.includes("chunk.sent"), "something was sent");
  killed.child.kill("SIGKILL");
  await killed.exited;
  await using downstream = await Downstream.start(site.queue);
  const second = await site.start();
  await until(() => countDecided(site) === 200, "all of them decided");
  expect(new Set(downstream.paths).size).toBe(200);
  expect(await second.stop()).toBe(0);
}, 60_000);

test("what stands in the way of starting is told in one message, with its exit code", async () => {
  await using site = await IngestSite.make();
  await rm(site.path("uploads"), { recursive: true });
  const withoutFolder = await site.start();
  expect(await withoutFolder.exited).toBe(78);
  expect(withoutFolder.errors).toMatch(/^ingest: roots\.uploads\.folder: expected a folder .*\n$/u);
  const withoutRedis = await site.start({ SLUICE_REDIS_URL: "redis://127.0.0.1:1" });
  expect(await withoutRedis.exited).toBe(69);
  expect(withoutRedis.errors).toMatch(/^ingest: cannot reach Redis .*\n$/u);
}, 60_000);
