import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Supervised } from "./testing/supervise.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-fleet-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

/** Environment of an engine whose device is lost at the first image and does not come back. */
function lostDevice(name: string): Record<string, string> {
  return { FIXTURE_DEVICE: "lost", FIXTURE_FIRST_LIFE: join(folder, name) };
}

test("two engines share the images, and each hunts its own culprit", async () => {
  await using supervised = new Supervised({ engines: 2, maxItemsInFlight: 8 });
  await supervised.start();
  expect(supervised.fleet.describe()).toBe("ok");
  const all = [...names("a", 10), "crash", ...names("slow", 20)];
  const outcomes = await supervised.classify(all);
  expect(outcomes.size).toBe(31);
  expect(outcomes.get("crash")).toMatchObject({ reason: "crashed-engine" });
  expect(supervised.events.culprits).toEqual(["crash"]);
  expect(new Set(supervised.events.losses.map(({ engine }) => engine)).size).toBe(1);
}, 60_000);

test("a device that is lost ends its engine only: its images go elsewhere and nobody is blamed", async () => {
  await using supervised = new Supervised({ engines: 2, envs: [lostDevice("one")] });
  await supervised.start();
  const outcomes = await supervised.classify(names("a", 30));
  expect(
    [...outcomes.values()].filter((o) => !("reason" in o && o.reason === "not-an-image")),
  ).toEqual([]);
  expect(supervised.events.culprits).toEqual([]);
  await vi.waitUntil(() => supervised.events.givenUp.length > 0, { timeout: 30_000 });
  expect(supervised.events.givenUp).toMatchObject([{ engine: "0 (cpu)", remaining: 1 }]);
  expect(supervised.fleet.describe()).toBe("degraded: 1 of 2 ready, given up: 0 (cpu)");
  expect(supervised.fleet.isReady).toBe(true);
  expect(supervised.events.losses[0]).toMatchObject({ engine: 0, loss: "device-lost" });
  expect((await supervised.classify(names("b", 5))).size).toBe(5);
}, 60_000);

test("the worker ends when no engine is left", async () => {
  await using supervised = new Supervised({
    engines: 2,
    envs: [lostDevice("two"), lostDevice("three")],
  });
  await supervised.start();
  void supervised.classify(names("a", 30));
  await expect(supervised.fleet.failed).rejects.toMatchObject({ name: "EngineStartError" });
  expect(supervised.events.givenUp.map(({ remaining }) => remaining)).toEqual([1, 0]);
  expect(supervised.fleet.isReady).toBe(false);
}, 60_000);

test("an engine that cannot come up at the first start ends the worker, whatever the others do", async () => {
  await using supervised = new Supervised({
    engines: 2,
    envs: [{}, { FIXTURE_ENGINE: "bad-config" }],
  });
  await expect(supervised.start()).rejects.toMatchObject({
    name: "EngineStartError",
    message: "models: expected a directory",
    exitCode: 78,
  });
}, 60_000);

test("engines that find different models end the worker: their outcomes are never mixed", async () => {
  await using supervised = new Supervised({
    engines: 2,
    envs: [{}, { FIXTURE_ENGINE: "changes" }],
  });
  await expect(supervised.start()).rejects.toMatchObject({ name: "EnsembleChangedError" });
}, 60_000);
