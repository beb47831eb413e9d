import { readFile } from "node:fs/promises";
import { listGpus } from "@sluice/inference-onnx";
import { expect, test, vi } from "vitest";
import { byPath, names, split } from "./testing/outcomes.ts";
import { RunningWorker } from "./testing/running-worker.ts";
import { makeChunk, WorkerSite } from "./testing/worker-site.ts";

test("two engines share the work, and one that is killed comes back", async () => {
  const settings = { maxBatchItems: 4, devices: ["cpu", "cpu"] };
  await using site = await WorkerSite.make({ settings });
  await using worker = await RunningWorker.start(site);
  const objects = await site.uploadPictures(names(120));
  await worker.ready;
  expect(worker.events("engine.ready").map(({ engine }) => engine)).toEqual(
    expect.arrayContaining([0, 1]),
  );
  const verdicts = worker.classify(split(objects, 20).map((part) => makeChunk(part)));
  await vi.waitUntil(() => worker.events("batch.completed").length >= 8, { timeout: 30_000 });
  process.kill(Number(worker.events("engine.ready")[1]!["enginePid"]), "SIGKILL");
  const outcomes = (await verdicts).flatMap((verdict) => verdict.outcomes);
  expect(outcomes).toHaveLength(120);
  expect(new Set(Object.values(byPath(await verdicts)))).toEqual(new Set(["classified"]));
  expect(new Set(worker.events("batch.completed").map(({ engine }) => engine))).toEqual(
    new Set([0, 1]),
  );
  expect(worker.events("engine.lost")).toHaveLength(1);
  const metrics = await worker.get("/metrics");
  expect(metrics).toMatch(
    /sluice_engine_info\{engine="1",device="cpu",provider="cpu",hardware=".+"\} 1/u,
  );
  expect(metrics).toContain("sluice_engines_given_up 0");
  expect(await worker.get("/readyz")).toContain('"isReady":true');
}, 120_000);

test.each(["cuda:999", "tensorrt:999"])(
  "%s, which no machine has: the worker says what is missing and ends with 78; the CPU never takes its place",
  async (device) => {
    await using site = await WorkerSite.make({ settings: { devices: device } });
    await using worker = await RunningWorker.start(site);
    expect(await worker.exited).toEqual({ code: 78, signal: null });
    const provider = device.split(":")[0];
    expect(worker.errors).toContain(`expected the execution provider "${provider}"`);
    expect(worker.errors.trim().split("\n").at(-1)).toContain("sluice doctor");
    expect(worker.events("engine.lost")).toMatchObject([{ errorCode: "PROVIDER_MISSING" }]);
    expect(worker.events("engine.ready")).toEqual([]);
  },
  60_000,
);

test("the process that holds the locks loads neither ONNX Runtime nor libvips", async () => {
  await using site = await WorkerSite.make();
  await using worker = await RunningWorker.start(site);
  await worker.ready;
  const native = /onnxruntime|libvips/u;
  const engine = Number(worker.events("engine.ready")[0]!["enginePid"]);
  expect(await readFile(`/proc/${engine}/maps`, "utf8")).toMatch(native);
  expect(await readFile(`/proc/${worker.child.pid}/maps`, "utf8")).not.toMatch(native);
}, 60_000);

const { hasDriver } = await listGpus();

test.runIf(!hasDriver)(
  "auto where there is no GPU: the CPU, said loudly and exported",
  async () => {
    await using site = await WorkerSite.make({ settings: { devices: "auto" } });
    await using worker = await RunningWorker.start(site);
    await worker.ready;
    expect(worker.events("devices.chosen")).toMatchObject([{ level: "warn", devices: ["cpu"] }]);
    expect(await worker.get("/metrics")).toContain("sluice_gpu_wanting 1");
  },
  60_000,
);
