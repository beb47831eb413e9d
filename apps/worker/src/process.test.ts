import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openChunkSender } from "@sluice/queue";
import { expect, test, vi } from "vitest";
import { byPath, names, split } from "./testing/outcomes.ts";
import { RunningWorker } from "./testing/running-worker.ts";
import { drawPicture, makeChunk, WorkerSite } from "./testing/worker-site.ts";

test("a chunk of good and bad files becomes one verdict with one outcome each; SIGTERM ends with 0", async () => {
  await using site = await WorkerSite.make();
  await using worker = await RunningWorker.start(site);
  const objects = [
    await site.upload("a.jpg", await drawPicture(1)),
    await site.upload("deep/b.webp", await drawPicture(2, { format: "webp" })),
    await site.upload("empty.jpg", ""),
    await site.upload("text.jpg", "this is no picture"),
    await site.upload("deleted.png", await drawPicture(3, { format: "png" })),
    await site.upload("overwritten.png", await drawPicture(4, { format: "png" })),
  ];
  await rm(site.path("uploads", "deleted.png"));
  await writeFile(site.path("uploads", "overwritten.png"), await drawPicture(5));
  const [verdict] = await worker.classify([makeChunk(objects)]);
  expect(byPath([verdict!])).toEqual({
    "a.jpg": "classified",
    "deep/b.webp": "classified",
    "empty.jpg": "empty",
    "text.jpg": "not-an-image",
    "deleted.png": "missing",
    "overwritten.png": "changed",
  });
  expect(verdict!.outcomes[0]!.classification).toMatchObject({
    format: "jpeg",
    width: 320,
    frames: 1,
  });
  expect(await worker.get("/readyz")).toContain('"isReady":true');
  const metrics = await worker.get("/metrics");
  expect(metrics).toContain('sluice_images_total{outcome="classified",reason="none"} 2');
  expect(metrics).toContain('sluice_images_total{outcome="unscannable",reason="not-an-image"} 1');
  for (const name of ["decode", "infer", "chunk", "chunk_wait"]) {
    expect(metrics).toMatch(new RegExp(`sluice_${name}_seconds_count(?:\\{.*\\})? [1-9]`, "u"));
  }
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(worker.errors).toBe("");
}, 60_000);

test("the engine is killed while it is busy: every file has exactly one normal outcome", async () => {
  await using site = await WorkerSite.make({ settings: { maxBatchItems: 4 } });
  await using worker = await RunningWorker.start(site);
  const objects = await site.uploadPictures(names(200));
  await worker.ready;
  const verdicts = worker.classify(split(objects, 20).map((part) => makeChunk(part)));
  for (let kills = 1; kills <= 3; kills++) {
    await vi.waitUntil(() => worker.events("batch.completed").length >= kills * 8, {
      timeout: 30_000,
    });
    const engines = worker.events("engine.ready");
    process.kill(Number(engines.at(-1)!["enginePid"]), "SIGKILL");
    await vi.waitUntil(() => worker.events("engine.ready").length > engines.length, {
      timeout: 30_000,
    });
  }
  const outcomes = (await verdicts).flatMap((verdict) => verdict.outcomes);
  expect(outcomes).toHaveLength(200);
  const paths = outcomes.map(({ object }) => object.path);
  expect(paths.toSorted()).toEqual(objects.map(({ path }) => path).toSorted());
  expect(new Set(Object.values(byPath(await verdicts)))).toEqual(new Set(["classified"]));
  expect(worker.events("engine.lost")).toHaveLength(3);
  expect(worker.events("isolation.culprit_named")).toEqual([]);
}, 120_000);

test("the queue client's event loop never blocks for 100 ms while a slow model runs", async () => {
  await using site = await WorkerSite.make({ inputSide: 576, settings: { maxBatchItems: 16 } });
  await using worker = await RunningWorker.start(site);
  const objects = await site.uploadPictures(names(96));
  await worker.ready;
  const lateBefore = worker.events("test.late").length; // loading modules blocks, but no job was held yet
  const verdicts = await worker.classify(split(objects, 16).map((part) => makeChunk(part)));
  expect(verdicts.flatMap((verdict) => verdict.outcomes)).toHaveLength(96);
  const slowestMs = Math.max(...worker.events("batch.completed").map((e) => Number(e["inferMs"])));
  const late = worker.events("test.late").slice(lateBefore);
  const lateMs = Math.max(0, ...late.map((event) => Number(event["lateMs"])));
  const busyMs = Math.max(0, ...late.map((event) => Number(event["busyMs"])));
  console.log(
    `slowest batch ${slowestMs.toFixed(0)} ms; event loop busy for at most ${busyMs.toFixed(0)} ms at a time, late by at most ${lateMs.toFixed(0)} ms (waiting for a core)`,
  );
  expect(slowestMs).toBeGreaterThan(200);
  expect(busyMs).toBeLessThan(100);
}, 120_000);

test("a stop finishes what is in flight before it ends", async () => {
  await using site = await WorkerSite.make({ inputSide: 384, settings: { maxBatchItems: 4 } });
  await using worker = await RunningWorker.start(site);
  const objects = await site.uploadPictures(names(24));
  await worker.ready;
  const verdicts = worker.classify([makeChunk(objects)]);
  await vi.waitUntil(() => worker.events("batch.completed").length > 0, { timeout: 30_000 });
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(new Set(Object.values(byPath(await verdicts)))).toEqual(new Set(["classified"]));
}, 60_000);

test("at the end of the grace period a stop gives back to the queue what is not finished", async () => {
  const settings = { maxBatchItems: 4, shutdownGraceMs: 200 };
  await using site = await WorkerSite.make({ inputSide: 384, settings });
  await using worker = await RunningWorker.start(site);
  const objects = await site.uploadPictures(names(60));
  await worker.ready;
  await worker.send([makeChunk(objects)]);
  await vi.waitUntil(() => worker.events("batch.completed").length > 0, { timeout: 30_000 });
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(worker.events("chunk.classified")).toEqual([]);
  await using sender = openChunkSender({ ...worker.queue, commandTimeoutMs: 5000 });
  expect(await sender.waitingChunks(makeChunk(objects))).toBe(1);
}, 60_000);

test("a chunk for another ensemble is left to the workers of that one", async () => {
  await using site = await WorkerSite.make();
  await using worker = await RunningWorker.start(site);
  const object = await site.upload("a.jpg", await drawPicture(1));
  await worker.ready;
  const foreign = makeChunk([object], "another");
  await worker.send([foreign]);
  const [verdict] = await worker.classify([makeChunk([object])]);
  expect(byPath([verdict!])).toEqual({ "a.jpg": "classified" });
  await using sender = openChunkSender({ ...worker.queue, commandTimeoutMs: 5000 });
  expect(await sender.waitingChunks(foreign)).toBe(1);
}, 60_000);

test.each<[string, (site: WorkerSite) => Promise<void>, RegExp]>([
  [
    "a model directory that is not there",
    async (site) => await rm(site.path("model"), { recursive: true }),
    /model\/config\.json/u,
  ],
  [
    "a model without labels",
    async (site) => await writeFile(site.path("model", "config.json"), "{}"),
    /id2label/u,
  ],
  [
    "a network that is no ONNX file",
    async (site) => await writeFile(site.path("model", "onnx", "model.onnx"), "not a model"),
    /not an ONNX model/u,
  ],
  [
    "fewer labels than the network has classes",
    async (site) =>
      await writeFile(
        site.path("model", "config.json"),
        JSON.stringify({ id2label: { 0: "a", 1: "b" } }),
      ),
    /model\.onnx: its output logits is \[any, 8\], expected \[any, 2\] from the 2 labels/u,
  ],
])(
  "%s: one message, exit 78",
  async (_, spoil, message) => {
    await using site = await WorkerSite.make();
    await spoil(site);
    await using worker = await RunningWorker.start(site);
    expect(await worker.exited).toEqual({ code: 78, signal: null });
    expect(worker.errors).toMatch(message);
    expect(worker.errors.trim().split("\n")).toHaveLength(1);
  },
  60_000,
);

test("graphs are derived once: a second start uses the cache", async () => {
  await using site = await WorkerSite.make();
  const { readdir, stat } = await import("node:fs/promises");
  const cache = site.path("data", "cache", "graphs");
  const times: number[] = [];
  for (let round = 0; round < 2; round++) {
    await using worker = await RunningWorker.start(site);
    await worker.ready;
    const [file, ...others] = await readdir(cache);
    expect(others).toEqual([]);
    times.push((await stat(join(cache, file!))).mtimeMs);
    await worker.stop();
  }
  expect(times[0]).toBe(times[1]);
}, 60_000);
