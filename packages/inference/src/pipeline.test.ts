import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ensembleNameSchema,
  objectRefSchema,
  rootNameSchema,
  sha256Schema,
  type Classification,
  type Lane,
  type Sha256,
} from "@sluice/contracts";
import { allocateBatchBuffers } from "./batch-buffer.ts";
import type { Ensemble } from "./ensemble.ts";
import { Pipeline } from "./pipeline.ts";
import type { Device, EngineItem, ReadResult } from "./ports.ts";

const digest = sha256Schema.parse("b".repeat(64));
const ensemble: Ensemble = {
  name: ensembleNameSchema.parse("default"),
  digest,
  labels: ["bad", "good"],
  members: [
    { model: "m", digest, weight: 1, temperature: 1, set: 0 },
    { model: "n", digest, weight: 3, temperature: 1, set: 0 },
  ],
  sets: [{ name: null, offset: 0, labels: ["bad", "good"] }],
  fusion: "weighted",
  views: "center",
  frames: "all",
  scoreFloor: 0.001,
};
const spec = { fit: "stretch", resize: 1, height: 1, width: 1, interpolation: "bilinear" } as const;

/** Paths say what the picture is: "7,250" has two frames whose first bytes are 7 and 250; "x" cannot be decoded. */
function item(id: number, path: string, lane: Lane = "live"): EngineItem {
  const object = objectRefSchema.parse({ path, version: "1", sizeBytes: 1 });
  return { id, lane, root: rootNameSchema.parse("uploads"), object };
}

/**
 * A device that a test holds: batches run only when it is let go, or one by one. Member probabilities come from
 * the pixels.
 */
class HeldDevice implements Device {
  readonly buffers = allocateBatchBuffers([spec], 4);
  /** First byte of each row, per batch. */
  readonly batches: number[][] = [];
  #pending: (() => void)[] = [];
  #isHeld = true;

  async run(rows: number, buffer: number): Promise<Float32Array[]> {
    const pixels = new Uint8Array(this.buffers.memory[buffer]![0]!);
    this.batches.push(Array.from({ length: rows }, (_, row) => pixels[row * 3]!));
    if (this.#isHeld) await new Promise<void>((resolve) => this.#pending.push(resolve));
    const bytes = new Uint8Array(this.buffers.memory[buffer]![0]!);
    const scores = Float32Array.from({ length: rows * 2 }, (_, i) => {
      const bad = bytes[Math.floor(i / 2) * 3]! / 255;
      return i % 2 === 0 ? bad : 1 - bad;
    });
    return [scores, scores.map((score) => (score === 1 ? Number.NaN : score))];
  }

  runOne(): void {
    this.#pending.shift()!();
  }

  letGo(): void {
    this.#isHeld = false;
    for (const resolve of this.#pending.splice(0)) resolve();
  }
}

function hash(text: string): Sha256 {
  return sha256Schema.parse(createHash("sha256").update(text).digest("hex"));
}

function setUp(device: HeldDevice, decodeConcurrency = 3, cacheEntries = 0) {
  const outcomes = new Map<number, Classification[]>();
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  failure.catch(() => undefined);
  let left = Infinity;
  const reasons: string[] = [];
  let time = 0;
  let recalled = 0;
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const pipeline = new Pipeline({
    ensemble,
    device,
    buffers: device.buffers,
    readConcurrency: 6,
    decodeConcurrency,
    maxUndecidedRows: 64,
    cacheEntries,
    reader: {
      read: async (_, { path }) =>
        await (path === "hangs"
          ? new Promise<never>(() => undefined)
          : Promise.resolve<ReadResult>(
              path === "gone"
                ? { kind: "gone", reason: "missing" }
                : { kind: "bytes", bytes: Buffer.from(path), sha256: hash(path) },
            )),
    },
    decoder: {
      decode: async (bytes) => {
        const text = bytes.toString();
        if (text === "stuck") throw new Error("the decoder is stuck");
        if (text === "x")
          return await Promise.resolve({ kind: "unscannable", reason: "corrupt", detail: "x" });
        const frames = text.split(",").map((value) => [Uint8Array.of(Number(value), 0, 0)]);
        return { kind: "decoded", format: "png", width: 1, height: 1, isDamaged: false, frames };
      },
    },
    now: () => time++,
    events: {
      outcome: ({ id, classification }) => {
        outcomes.set(id, [...(outcomes.get(id) ?? []), classification]);
        if (outcomes.size === left) finish();
      },
      imageDecoded: ({ decodeMs }) => expect(decodeMs).toBeGreaterThan(0),
      imageRecalled: () => void (recalled += 1),
      batchCompleted: ({ reason, inferMs }) => {
        expect(inferMs).toBeGreaterThan(0);
        reasons.push(reason);
      },
      failed: (error, suspect) => fail([error, suspect]),
    },
  });
  const submit = async (paths: readonly string[]): Promise<void> => {
    left = paths.length;
    for (const [i, path] of paths.entries()) pipeline.submit(item(i + 1, path));
    await Promise.race([finished, failure]);
  };
  return { outcomes, submit, pipeline, reasons, failure, countRecalled: () => recalled };
}

const frame = fc.integer({ min: 1, max: 254 });
const picture = fc.oneof(
  { weight: 6, arbitrary: fc.array(frame, { minLength: 1, maxLength: 9 }).map((f) => f.join(",")) },
  fc.constant("x"),
  fc.constant("gone"),
);

test("every item gets exactly one outcome with its own scores, whatever mix of pictures comes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 30 }), async (paths) => {
      const device = new HeldDevice();
      device.letGo();
      const { outcomes, submit } = setUp(device);
      await submit(paths);
      for (const [i, path] of paths.entries()) {
        const [outcome, ...more] = outcomes.get(i + 1) ?? [];
        expect(more).toEqual([]);
        const frames = path.split(",").map(Number);
        const worst = Math.max(...frames);
        const expected =
          path === "x"
            ? { kind: "unscannable", reason: "corrupt" }
            : path === "gone"
              ? { kind: "gone" }
              : { kind: "classified", frames: frames.length };
        expect(outcome).toMatchObject(expected);
        if (outcome?.kind !== "classified") continue;
        const bad = outcome.scores.find(({ label }) => label === "bad");
        expect(bad?.score).toBeCloseTo(worst / 255, 4);
        expect(bad?.frame ?? 0).toBe(frames.indexOf(worst));
      }
      expect(Math.max(0, ...device.batches.map((rows) => rows.length))).toBeLessThanOrEqual(4);
    }),
    { numRuns: 200 },
  );
});

/** Until nothing moves any more: every promise that could go on has done so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("a lone image goes at once; while the device is busy exactly one batch is prepared", async () => {
  const device = new HeldDevice();
  const { pipeline, outcomes, reasons } = setUp(device, 1);
  for (let i = 1; i <= 10; i++) pipeline.submit(item(i, String(i)));
  await settle();
  expect(device.batches).toEqual([[1]]);
  device.runOne();
  await settle();
  expect(device.batches).toEqual([[1], [2, 3, 4, 5]]);
  device.runOne();
  await settle();
  expect(device.batches).toEqual([[1], [2, 3, 4, 5], [6, 7, 8, 9]]);
  device.letGo();
  await settle();
  expect(device.batches).toEqual([[1], [2, 3, 4, 5], [6, 7, 8, 9], [10]]);
  expect(reasons).toEqual(["idle", "full", "full", "drain"]);
  expect(outcomes.size).toBe(10);
});

test("live images overtake bulk ones that are not in a batch yet, also between an animation's frames", async () => {
  const device = new HeldDevice();
  const { pipeline } = setUp(device, 1);
  for (let i = 1; i <= 8; i++) pipeline.submit(item(i, String(i), "bulk"));
  pipeline.submit(item(9, "100,101,102,103,104,105", "bulk"));
  await settle();
  pipeline.submit(item(10, "200"));
  pipeline.submit(item(11, "201"));
  await settle();
  for (let i = 0; i < 3; i++) {
    device.runOne();
    await settle();
  }
  device.letGo();
  await settle();
  expect(device.batches).toEqual([
    [1],
    [2, 3, 4, 5], // was full before the live ones came
    [200, 201, 6, 7],
    [8, 100, 101, 102],
    [103, 104, 105],
  ]);
});

test("a decoder that is stuck ends the engine and names the item, the device's end names none", async () => {
  const device = new HeldDevice();
  const failures: unknown[] = [];
  const stuck = setUp(device, 2);
  stuck.failure.catch((error: unknown) => failures.push(error));
  stuck.pipeline.submit(item(7, "stuck"));
  await settle();
  expect(failures).toEqual([[new Error("the decoder is stuck"), 7]]);
  const lost = setUp(
    Object.assign(new HeldDevice(), { run: async () => await Promise.reject(new Error("gone")) }),
  );
  lost.failure.catch((error: unknown) => failures.push(error));
  lost.pipeline.submit(item(1, "1"));
  await settle();
  expect(failures[1]).toEqual([new Error("gone"), null]);
});

test("a member that gives NaN never makes a picture look clean", async () => {
  const device = new HeldDevice();
  device.letGo();
  const { submit, outcomes } = setUp(device);
  await submit(["255", "100"]);
  expect(outcomes.get(1)).toMatchObject([{ kind: "unscannable", reason: "model-failure" }]);
  expect(outcomes.get(2)).toMatchObject([{ kind: "classified" }]);
});

test("the same bytes are inferred once: those that come meanwhile wait, those that come later are remembered", async () => {
  const device = new HeldDevice();
  const { pipeline, outcomes, countRecalled } = setUp(device, 3, 10);
  for (let i = 1; i <= 6; i++) pipeline.submit(item(i, "7"));
  await settle();
  device.runOne();
  await settle();
  pipeline.submit(item(7, "7"));
  await settle();
  expect(device.batches).toEqual([[7]]);
  expect(countRecalled()).toBe(6);
  expect([...outcomes.values()].map(([outcome, ...more]) => [outcome?.kind, more])).toEqual(
    Array.from({ length: 7 }, () => ["classified", []]),
  );
});

test("what could not be classified is told to all that wait for it, and tried again later", async () => {
  const device = new HeldDevice();
  const { pipeline, outcomes } = setUp(device, 3, 10);
  pipeline.submit(item(1, "255"));
  pipeline.submit(item(2, "255"));
  await settle();
  device.letGo();
  await settle();
  pipeline.submit(item(3, "255"));
  await settle();
  expect(device.batches).toEqual([[255], [255]]);
  for (const id of [1, 2, 3]) {
    expect(outcomes.get(id)).toMatchObject([{ reason: "model-failure" }]);
  }
});

test("a live image does not wait for a bulk one with the same bytes", async () => {
  const device = new HeldDevice();
  const { pipeline, outcomes } = setUp(device, 1);
  for (let i = 1; i <= 7; i++) pipeline.submit(item(i, String(i), "bulk"));
  await settle();
  pipeline.submit(item(8, "7", "live"));
  await settle();
  device.runOne(); // 1
  await settle();
  device.runOne(); // 2, 3, 4, 5
  await settle();
  expect(device.batches[2]).toContain(7);
  device.letGo();
  await settle();
  expect([...outcomes].every(([, told]) => told.length === 1)).toBe(true);
  expect(outcomes.size).toBe(8);
});

test.each([
  ["center+flip", 2],
  ["five-crop", 5],
] as const)(
  "with %s each view is a row, and the mean of a frame's views counts",
  async (views, count) => {
    const device = new HeldDevice();
    device.letGo();
    const { promise: told, resolve } = Promise.withResolvers<Classification>();
    const viewed: number[] = [];
    const pipeline = new Pipeline({
      ensemble: { ...ensemble, views },
      device,
      buffers: device.buffers,
      readConcurrency: 6,
      decodeConcurrency: 3,
      maxUndecidedRows: 64,
      cacheEntries: 0,
      reader: {
        read: async () =>
          await Promise.resolve({ kind: "bytes", bytes: Buffer.from("a"), sha256: hash("a") }),
      },
      decoder: {
        decode: async () => {
          // Two frames; view v of frame f is 10 + 40f + 10v.
          const frames = [10, 50].map((first) => [
            Uint8Array.from({ length: 3 * count }, (_, i) => first + 10 * Math.floor(i / 3)),
          ]);
          const facts = { format: "gif", width: 1, height: 1, isDamaged: false } as const;
          return await Promise.resolve({ kind: "decoded", ...facts, frames });
        },
      },
      now: () => 0,
      events: {
        outcome: ({ classification }) => resolve(classification),
        imageDecoded: () => undefined,
        imageRecalled: () => undefined,
        batchCompleted: ({ rows }) => viewed.push(rows),
        failed: (error) => {
          throw error;
        },
      },
    });
    pipeline.submit(item(1, "a"));
    const classification = await told;
    if (classification.kind !== "classified") throw new Error(classification.kind);
    expect(device.batches.flat()).toHaveLength(2 * count);
    expect(Math.max(...viewed)).toBeLessThanOrEqual(4);
    expect(classification.frames).toBe(2);
    const bad = classification.scores.find(({ label }) => label === "bad");
    const mean = (50 + (10 * (count - 1)) / 2) / 255;
    expect(bad?.frame).toBe(1);
    expect(bad?.score).toBeCloseTo(mean, 5);
  },
);

test("an object that does not come holds up no decoder", async () => {
  const device = new HeldDevice();
  device.letGo();
  const { outcomes, pipeline } = setUp(device, 1);
  for (const [i, path] of ["hangs", "7", "9"].entries()) pipeline.submit(item(i + 1, path));
  await settle();
  expect(new Set(outcomes.keys())).toEqual(new Set([2, 3]));
});
