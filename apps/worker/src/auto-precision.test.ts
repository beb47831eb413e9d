import { readFile, writeFile } from "node:fs/promises";
import { sha256Schema } from "@sluice/contracts";
import { describeRuntime, openToolSession } from "@sluice/inference-onnx";
import { writeVariants } from "@sluice/models";
import { expect, test, vi } from "vitest";
import { RunningWorker } from "./testing/running-worker.ts";
import { drawPicture, makeChunk, WorkerSite } from "./testing/worker-site.ts";

/** Limits that any int8 network passes: which one is chosen and how it is told is under test here. */
const LENIENT = { minTop1Agreement: 0, maxDecisionsChanged: 1, minPictures: 1, minSpeedup: 1 };

test("the choice is told, outcomes name what ran, and a restarted engine makes the same choice", async () => {
  await using site = await makeAutomaticSite();
  await using worker = await RunningWorker.start(site);
  await worker.ready;
  const [chosen] = worker.events("precision.chosen");
  expect(chosen).toMatchObject({ model: "model", isMeasured: true });
  expect(chosen!["speedups"]).toMatchObject([{ variant: "int8" }]);
  const member = chosen!["precision"] === "int8" ? "model:int8" : "model";
  expect(worker.events("engine.ready")[0]).toMatchObject({ members: [member] });

  process.kill(Number(worker.events("engine.ready")[0]!["enginePid"]), "SIGKILL");
  await vi.waitUntil(() => worker.events("engine.ready").length === 2, { timeout: 30_000 });
  const again = worker.events("precision.chosen")[1];
  expect(again).toMatchObject({ precision: chosen!["precision"], isMeasured: false });
  const object = await site.upload("a.jpg", await drawPicture(1));
  const [verdict] = await worker.classify([makeChunk([object])]);
  expect(verdict!.outcomes[0]!.classification).toMatchObject({ members: [{ model: member }] });
  const digests = worker.events("engine.ready").map(({ digest }) => digest);
  expect(new Set([...digests, verdict!.ensembleDigest]).size).toBe(1);
}, 60_000);

test("two engines on the same kind of device make the same choice: the second one finds what the first has measured", async () => {
  await using site = await makeAutomaticSite({ devices: "cpu,cpu" });
  await using worker = await RunningWorker.start(site);
  await worker.ready;
  const choices = worker.events("precision.chosen");
  expect(choices.map(({ isMeasured }) => isMeasured)).toEqual([true, false]);
  expect(new Set(choices.map(({ precision }) => precision)).size).toBe(1);
  expect(new Set(worker.events("engine.ready").map(({ digest }) => digest)).size).toBe(1);
}, 60_000);

test("a variant that is not the one of its report is refused by name, and the worker runs float32", async () => {
  await using site = await makeAutomaticSite();
  const path = site.path("model", "onnx", "model_quantized.onnx");
  await writeFile(path, Buffer.concat([await readFile(path), Buffer.from([0x32, 1, 120])]));
  await using worker = await RunningWorker.start(site);
  await worker.ready;
  expect(worker.events("precision.refused")).toMatchObject([
    { model: "model", variant: "int8", reason: "file-changed" },
  ]);
  expect(worker.events("precision.chosen")).toMatchObject([
    { precision: "float32", speedups: [], top1Agreement: null },
  ]);
  expect(worker.events("engine.ready")[0]).toMatchObject({ members: ["model"] });
}, 60_000);

/** Its model has an int8 variant, calibrated on noise. */
async function makeAutomaticSite(settings: object = {}): Promise<WorkerSite> {
  const site = await WorkerSite.make({ settings: { maxBatchItems: 4, ...settings } });
  const pixels = [1, 2].map((seed) =>
    Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 31 * seed) % 251),
  );
  const sample = { pixels, digest: sha256Schema.parse("a".repeat(64)) };
  await writeVariants({
    folder: site.path("model"),
    variants: ["int8"],
    calibration: sample,
    heldOut: sample,
    method: "minmax",
    weightBits: 7,
    decisionThreshold: 0.5,
    allowPartial: false,
    openGraph: openToolSession,
    runtime: await describeRuntime(),
    now: () => performance.now(),
    onProgress: () => undefined,
  });
  const config = JSON.parse(await readFile(site.path("sluice.yaml"), "utf8"));
  config.ensembles.default = {
    members: [{ model: "model", precision: "auto" }],
    variantLimits: LENIENT,
  };
  await writeFile(site.path("sluice.yaml"), JSON.stringify(config));
  return site;
}
