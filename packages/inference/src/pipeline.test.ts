import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ensembleNameSchema,
  objectRefSchema,
  rootNameSchema,
  sha256Schema,
  type Classification,
} from "@sluice/contracts";
import { allocateBatchBuffers } from "./batch-buffer.ts";
import type { Ensemble } from "./ensemble.ts";
import { Pipeline } from "./pipeline.ts";
import type { Device, EngineItem } from "./ports.ts";

const digest = sha256Schema.parse("b".repeat(64));
const ensemble: Ensemble = {
  name: ensembleNameSchema.parse("default"),
  digest,
  labels: ["bad", "good"],
  members: [
    { model: "m", digest, weight: 1 },
    { model: "n", digest, weight: 3 },
  ],
  scoreFloor: 0.001,
};
const spec = { fit: "stretch", resize: 1, height: 1, width: 1, interpolation: "bilinear" } as const;

/** Paths say what the picture is: "7,250" has two frames whose first bytes are 7 and 250; "x" cannot be decoded. */
function item(id: number, path: string): EngineItem {
  const object = objectRefSchema.parse({ path, version: "1", sizeBytes: 1 });
  return { id, root: rootNameSchema.parse("uploads"), object };
}

/** A device that a test holds: batches run only when it is let go. Member probabilities come from the pixels. */
class HeldDevice implements Device {
  readonly buffers = allocateBatchBuffers([spec], 4);
  readonly batches: number[] = [];
  #pending: (() => void)[] = [];
  #isHeld = true;

  async run(rows: number, buffer: 0 | 1): Promise<Float32Array[]> {
    this.batches.push(rows);
    if (this.#isHeld) await new Promise<void>((resolve) => this.#pending.push(resolve));
    const bytes = new Uint8Array(this.buffers.memory[buffer]![0]!);
    const scores = Float32Array.from({ length: rows * 2 }, (_, i) => {
      const bad = bytes[Math.floor(i / 2) * 3]! / 255;
      return i % 2 === 0 ? bad : 1 - bad;
    });
    return [scores, scores.map((score) => (score === 1 ? Number.NaN : score))];
  }

  letGo(): void {
    this.#isHeld = false;
    for (const resolve of this.#pending.splice(0)) resolve();
  }
}

function setUp(device: HeldDevice, decodeConcurrency = 3) {
  const outcomes = new Map<number, Classification[]>();
  const { promise: failure, reject: fail } = Promise.withResolvers<never>();
  failure.catch(() => undefined);
  let left = Infinity;
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const pipeline = new Pipeline({
    ensemble,
    device,
    buffers: device.buffers,
    decodeConcurrency,
    reader: {
      read: async (_, { path }) =>
        await Promise.resolve(
          path === "gone"
            ? { kind: "gone", reason: "missing" }
            : { kind: "bytes", bytes: Buffer.from(path), sha256: digest },
        ),
    },
    decoder: {
      decode: async (bytes) => {
        const text = bytes.toString();
        if (text === "x")
          return await Promise.resolve({ kind: "unscannable", reason: "corrupt", detail: "x" });
        const frames = text.split(",").map((value) => [Uint8Array.of(Number(value), 0, 0)]);
        return { kind: "decoded", format: "png", width: 1, height: 1, isDamaged: false, frames };
      },
    },
    onOutcome: ({ id, classification }) => {
      outcomes.set(id, [...(outcomes.get(id) ?? []), classification]);
      if (outcomes.size === left) finish();
    },
    onBatch: () => undefined,
    onFailure: fail,
  });
  const submit = async (paths: readonly string[]): Promise<void> => {
    left = paths.length;
    for (const [i, path] of paths.entries()) pipeline.submit(item(i + 1, path));
    await Promise.race([finished, failure]);
  };
  return { outcomes, submit };
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
      expect(Math.max(0, ...device.batches)).toBeLessThanOrEqual(4);
    }),
    { numRuns: 200 },
  );
});

test("a lone image goes at once; while the device is busy exactly one batch is prepared", async () => {
  const device = new HeldDevice();
  const { submit, outcomes } = setUp(device, 1);
  const done = submit(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(device.batches).toEqual([1]);
  device.letGo();
  await done;
  expect(device.batches.slice(0, 2)).toEqual([1, 4]);
  expect(device.batches.reduce((sum, rows) => sum + rows)).toBe(10);
  expect(outcomes.size).toBe(10);
});

test("a member that gives NaN never makes a picture look clean", async () => {
  const device = new HeldDevice();
  device.letGo();
  const { submit, outcomes } = setUp(device);
  await submit(["255", "100"]);
  expect(outcomes.get(1)).toMatchObject([{ kind: "unscannable", reason: "model-failure" }]);
  expect(outcomes.get(2)).toMatchObject([{ kind: "classified" }]);
});
