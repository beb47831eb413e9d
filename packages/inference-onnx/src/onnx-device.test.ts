import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocateBatchBuffers, writeRow } from "@sluice/inference";
import { expect, test } from "vitest";
import { DeviceLostError, ModelLoadError, ProviderMissingError } from "./errors.ts";
import { startOnnxDevice } from "./onnx-device.ts";
import { encodeTinyGraph } from "./testing/tiny-graph.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-onnx-"));
const spec = (size: number) =>
  ({ fit: "stretch", resize: size, height: size, width: size, interpolation: "bilinear" }) as const;

function save(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const halves = save("halves.onnx", encodeTinyGraph({ factors: [0.5, 0.5] }));
const member = (graphPath: string, at = 0) => ({ model: "tiny", graphPath, spec: at, classes: 2 });
const common = { provider: "cpu", intraOpThreads: 1 };

/** To what float32 holds. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A row of one colour for every spec. */
function fill(sizes: readonly number[], colour: readonly number[]): Uint8Array[] {
  return sizes.map((size) =>
    Uint8Array.from({ length: size * size * 3 }, (_, i) => colour[i % 3]!),
  );
}

test("all members run over the rows of a buffer, each on its own pixels", async () => {
  const twice = save("twice.onnx", encodeTinyGraph({ factors: [1, 0] }));
  const buffers = allocateBatchBuffers([spec(4), spec(6)], 3);
  await using device = await startOnnxDevice({
    ...common,
    members: [member(halves), member(twice, 1)],
    buffers,
  });
  expect(device.provider).toBe("cpu");
  writeRow(buffers, { buffer: 1, row: 0 }, fill([4, 6], [255, 0, 0]));
  writeRow(buffers, { buffer: 1, row: 1 }, fill([4, 6], [0, 102, 0]));
  const [first, second] = await device.run(2, 1);
  expect(Array.from(first!, round)).toEqual([0.5, 0, 0, 0.2]);
  expect(Array.from(second!, round)).toEqual([1, 0, 0, 0]);
  // The other buffer is still black, and a shorter batch gives fewer numbers.
  expect(await device.run(1, 0)).toEqual([Float32Array.of(0, 0), Float32Array.of(0, 0)]);
});

test("only the members of the buffer's stage run, on pixels of their own stage", async () => {
  const twice = save("later.onnx", encodeTinyGraph({ factors: [1, 0] }));
  const buffers = allocateBatchBuffers([spec(4), spec(6)], 2, [[0], [0, 1]]);
  expect(buffers.memory.map((specs) => specs.map(({ byteLength }) => byteLength > 0))).toEqual([
    [true, false],
    [true, false],
    [true, true],
    [true, true],
  ]);
  const later = [
    { ...member(twice, 1), stage: 1 },
    { ...member(halves), stage: 1 },
  ];
  const members = [...later, member(halves)];
  await using device = await startOnnxDevice({ ...common, members, buffers });
  writeRow(buffers, { buffer: 1, row: 0 }, fill([4, 6], [255, 0, 0]));
  writeRow(buffers, { buffer: 2, row: 0 }, fill([4, 6], [102, 0, 0]));
  expect((await device.run(1, 1)).map((scores) => Array.from(scores, round))).toEqual([[0.5, 0]]);
  expect((await device.run(1, 2)).map((scores) => Array.from(scores, round))).toEqual([
    [0.4, 0],
    [0.2, 0],
  ]);
});

test.each(["in-turn", "parallel", "auto"] as const)(
  "%s: members of several threads and stages answer in the ensemble's order, embeddings last",
  async (memberArrangement) => {
    const factors = [
      [1, 0],
      [0.5, 0.5],
      [0, 1],
    ];
    const paths = factors.map((own, i) =>
      save(`arranged${i}.onnx`, encodeTinyGraph({ factors: own, hasEmbeddings: i === 0 })),
    );
    const stages = [1, 0, 1, 1];
    const members = stages.map((stage, i) => ({
      ...member(paths[i % 3]!),
      stage,
      givesEmbeddings: i === 0,
    }));
    const buffers = allocateBatchBuffers([spec(4)], 2, [[0], [0]]);
    await using device = await startOnnxDevice({
      ...common,
      intraOpThreads: 2,
      members,
      buffers,
      memberArrangement,
      memberTimingMs: 100,
    });
    writeRow(buffers, { buffer: 2, row: 0 }, fill([4], [255, 102, 0]));
    const [first, third, fourth, embeddings] = await device.run(1, 2);
    expect([first, third, fourth].map((scores) => Array.from(scores!, round))).toEqual([
      [1, 0],
      [0, 0.4],
      [1, 0],
    ]);
    expect(embeddings).toHaveLength(3);
    expect(await device.run(1, 0)).toHaveLength(1);
  },
);

test("what is configured is told, and what was measured with its times", async () => {
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const members = [member(halves), member(halves)];
  const two = { ...common, buffers, members, intraOpThreads: 2, memberTimingMs: 100 };
  await using parallel = await startOnnxDevice({ ...two, memberArrangement: "parallel" });
  const untimed = { inTurnMs: null, parallelMs: null, reason: "configured" };
  expect(parallel.arrangement).toEqual({ ...untimed, arrangement: "parallel", lanes: 2 });
  await using inTurn = await startOnnxDevice({ ...two, memberArrangement: "in-turn" });
  expect(inTurn.arrangement).toEqual({ ...untimed, arrangement: "in-turn", lanes: 1 });
  await using measured = await startOnnxDevice({ ...two, memberArrangement: "auto" });
  const { inTurnMs, parallelMs } = measured.arrangement!;
  expect(measured.arrangement).toMatchObject(
    parallelMs! < inTurnMs!
      ? { arrangement: "parallel", reason: "faster", lanes: 2 }
      : { arrangement: "in-turn", reason: "faster", lanes: 1 },
  );
});

test("with one core nothing runs beside anything, and with one member there is nothing to choose", async () => {
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const auto = { ...common, buffers, memberArrangement: "auto" } as const;
  await using two = await startOnnxDevice({ ...auto, members: [member(halves), member(halves)] });
  expect(two.arrangement).toMatchObject({ arrangement: "in-turn", reason: "one-core", lanes: 1 });
  await using one = await startOnnxDevice({ ...auto, members: [member(halves)] });
  expect(one.arrangement).toBeNull();
});

test("a member that does not load in its own thread fails the start and is named", async () => {
  const broken = save("broken-beside.onnx", Buffer.from("not a model"));
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const members = [member(halves), { ...member(broken), model: "broken" }];
  const starting = startOnnxDevice({ ...common, buffers, members, memberArrangement: "auto" });
  await expect(starting).rejects.toThrow(/^model broken: /u);
});

test("members may have different numbers of classes", async () => {
  const three = save("three-classes.onnx", encodeTinyGraph({ factors: [1, 1, 1] }));
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const members = [member(halves), { ...member(three), classes: 3 }];
  await using device = await startOnnxDevice({ ...common, members, buffers });
  const results = await device.run(2, 0);
  expect(results.map(({ length }) => length)).toEqual([4, 6]);
});

test("results stay what they are when the next batch runs", async () => {
  const buffers = allocateBatchBuffers([spec(4)], 1);
  await using device = await startOnnxDevice({ ...common, members: [member(halves)], buffers });
  writeRow(buffers, { buffer: 0, row: 0 }, fill([4], [255, 255, 0]));
  const [first] = await device.run(1, 0);
  await device.run(1, 1);
  expect(first).toEqual(Float32Array.of(0.5, 0.5));
});

test("a NaN of the network comes through as NaN: nothing may hide it", async () => {
  const broken = save("nan.onnx", encodeTinyGraph({ factors: [Number.NaN, 1] }));
  const buffers = allocateBatchBuffers([spec(4)], 2);
  await using device = await startOnnxDevice({ ...common, members: [member(broken)], buffers });
  const [scores] = await device.run(1, 0);
  expect(scores![0]).toBeNaN();
});

test.each([
  ["no ONNX file", () => save("text.onnx", Buffer.from("not a model")), /cannot run it/u],
  ["a missing file", () => join(folder, "absent.onnx"), /cannot run it/u],
  [
    "a network with more classes than labels",
    () => save("three.onnx", encodeTinyGraph({ factors: [1, 1, 1] })),
    /names 2 labels, and the network gives 3 numbers/u,
  ],
])("%s fails the start and names the member", async (_, make, message) => {
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const starting = startOnnxDevice({ ...common, members: [member(make())], buffers });
  await expect(starting).rejects.toThrow(ModelLoadError);
  await expect(starting).rejects.toThrow(/^model tiny: /u);
  await expect(starting).rejects.toThrow(message);
});

test("a provider that is not there fails the start; the CPU is not taken in its place", async () => {
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const members = [member(halves)];
  const starting = startOnnxDevice({ ...common, members, buffers, provider: "qnn" });
  await expect(starting).rejects.toThrow(ProviderMissingError);
  await expect(starting).rejects.toThrow(/"qnn"/u);
});

test("with a broken model the model is blamed, whatever the provider", async () => {
  const buffers = allocateBatchBuffers([spec(4)], 2);
  const members = [member(save("text2.onnx", Buffer.from("not a model")))];
  const starting = startOnnxDevice({ ...common, members, buffers, provider: "qnn" });
  await expect(starting).rejects.toThrow(ModelLoadError);
});

test("closing waits for the batch that runs, and takes no other", async () => {
  const slow = save("closing.onnx", encodeTinyGraph({ factors: [0.5, 0.5], idlePasses: 40 }));
  const buffers = allocateBatchBuffers([spec(512)], 8);
  const device = await startOnnxDevice({ ...common, members: [member(slow)], buffers });
  const running = device.run(8, 0);
  const closing = device[Symbol.asyncDispose]();
  await expect(device.run(1, 1)).rejects.toThrow(DeviceLostError);
  expect((await running)[0]).toHaveLength(16);
  await closing;
});

test("the caller's event loop stays free while a batch runs", async () => {
  const slow = save("slow.onnx", encodeTinyGraph({ factors: [0.5, 0.5], idlePasses: 40 }));
  const buffers = allocateBatchBuffers([spec(512)], 8);
  await using device = await startOnnxDevice({ ...common, members: [member(slow)], buffers });
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 5);
  const startedAt = performance.now();
  await device.run(8, 0);
  const tookMs = performance.now() - startedAt;
  clearInterval(ticking);
  expect(tookMs).toBeGreaterThan(100);
  expect(ticks).toBeGreaterThan(10);
});

test("ONNX Runtime's telemetry never starts, also when the caller's environment does not forbid it", () => {
  const home = join(folder, "home");
  mkdirSync(home);
  const program = new URL("testing/run-once.ts", import.meta.url).pathname;
  execFileSync(process.execPath, ["--conditions=@sluice/source", program, halves], {
    env: { HOME: home, TMPDIR: home },
  });
  // It would leave a device id, a database and a log.
  expect(globSync("**/*", { cwd: home })).toEqual([]);
});
