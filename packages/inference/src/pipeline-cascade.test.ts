import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  objectRefSchema,
  rootNameSchema,
  sha256Schema,
  type Classification,
  type Lane,
  type Sha256,
} from "@sluice/contracts";
import { allocateBatchBuffers } from "./batch-buffer.ts";
import { Pipeline } from "./pipeline.ts";
import type { Device, EngineItem } from "./ports.ts";
import { cascadeEnsemble } from "./testing/cascade-ensemble.ts";

const MAX_ROWS = 4;
const MAX_UNDECIDED = 6;
const DECODERS = 3;
const spec = { fit: "stretch", resize: 1, height: 1, width: 1, interpolation: "bilinear" } as const;

/** A frame's bytes: how bad the members 0, 1 and 2 think it is, of 255. 255 makes that member say NaN. */
type Frame = readonly [number, number, number];

interface Picture {
  readonly lane: Lane;
  readonly frames: readonly Frame[];
}

interface Batch {
  readonly stage: number;
  readonly pixels: readonly Frame[];
}

/** Runs batches when it is let go, or one by one; checks that only one runs at a time. */
class HeldDevice implements Device {
  readonly buffers = allocateBatchBuffers([spec], MAX_ROWS, [[0], [0], [0]]);
  readonly batches: Batch[] = [];
  #pending: (() => void)[] = [];
  #isHeld: boolean;
  #isRunning = false;

  constructor({ isHeld }: { isHeld: boolean }) {
    this.#isHeld = isHeld;
  }

  async run(rows: number, buffer: number): Promise<Float32Array[]> {
    if (this.#isRunning) throw new Error("two batches at a time");
    this.#isRunning = true;
    const stage = Math.floor(buffer / 2);
    const bytes = () => new Uint8Array(this.buffers.memory[buffer]![0]!);
    const read = (): Frame[] =>
      Array.from({ length: rows }, (_, row) => {
        const [a = 0, b = 0, c = 0] = bytes().subarray(3 * row, 3 * row + 3);
        return [a, b, c];
      });
    const before = read();
    this.batches.push({ stage, pixels: before });
    if (this.#isHeld) await new Promise<void>((resolve) => this.#pending.push(resolve));
    else await Promise.resolve();
    if (String(read()) !== String(before)) throw new Error("the buffer that runs was written to");
    this.#isRunning = false;
    const member = [1, 0, 2][stage]!;
    return [Float32Array.from(before.flatMap((frame) => say(frame[member]!)))];
  }

  runOne(): void {
    this.#pending.shift()!();
  }

  letGo(): void {
    this.#isHeld = false;
    for (const resolve of this.#pending.splice(0)) resolve();
  }
}

function say(byte: number): [number, number] {
  return byte === 255 ? [Number.NaN, 0] : [byte / 255, 1 - byte / 255];
}

function hash(text: string): Sha256 {
  return sha256Schema.parse(createHash("sha256").update(text).digest("hex"));
}

function setUp(pictures: readonly Picture[], device: HeldDevice, maxUndecidedRows = MAX_UNDECIDED) {
  const outcomes = new Map<number, Classification[]>();
  const { promise: finished, resolve: finish, reject } = Promise.withResolvers<void>();
  const decoded: number[] = [];
  const scored: number[] = [];
  const pipeline = new Pipeline({
    ensemble: cascadeEnsemble(),
    device,
    buffers: device.buffers,
    readConcurrency: 6,
    decodeConcurrency: DECODERS,
    maxUndecidedRows,
    cacheEntries: 0,
    reader: {
      read: async (_, { path }) =>
        await Promise.resolve({ kind: "bytes", bytes: Buffer.from(path), sha256: hash(path) }),
    },
    decoder: {
      decode: async (bytes) => {
        const id = Number(bytes.toString());
        decoded.push(id);
        const frames = pictures[id]!.frames.map((frame) => [Uint8Array.from(frame)]);
        const facts = { format: "png", width: 1, height: 1, isDamaged: false } as const;
        return await Promise.resolve({ kind: "decoded", ...facts, frames });
      },
    },
    now: () => 0,
    events: {
      outcome: ({ id, classification }) => {
        outcomes.set(id, [...(outcomes.get(id) ?? []), classification]);
        if (outcomes.size === pictures.length) finish();
      },
      imageDecoded: () => undefined,
      imageRecalled: () => undefined,
      batchCompleted: ({ rows }) => expect(rows).toBeLessThanOrEqual(MAX_ROWS),
      imageScored: ({ id }) => scored.push(id),
      failed: (error) => reject(error),
    },
  });
  const submit = (id: number): void => {
    const object = objectRefSchema.parse({ path: String(id), version: "1", sizeBytes: 1 });
    const item: EngineItem = {
      id,
      lane: pictures[id]!.lane,
      root: rootNameSchema.parse("uploads"),
      object,
    };
    pipeline.submit(item);
  };
  return { outcomes, submit, finished, decoded, scored };
}

/** What must come out, from the numbers alone: the stage, and how bad the picture is; null: a broken model. */
function expected({ frames }: Picture): { stage: number; bad: number } | null {
  for (const [index, margin] of [0.1, 0.2, 0.5].entries()) {
    const ran = [[1], [0, 1], [0, 1, 2]][index]!;
    if (frames.some((frame) => ran.some((m) => frame[m] === 255))) return null;
    const said = (frame: Frame, m: number): number => Math.fround(say(frame[m]!)[0]);
    const fused = frames.map((frame) =>
      ran.reduce((sum, m) => sum + (1 / ran.length) * said(frame, m), 0),
    );
    const isSure = frames.every((frame, f) => {
      const score = fused[f]!;
      const isBeyond = score < margin || score > 1 - margin;
      return isBeyond && ran.every((m) => said(frame, m) >= 0.5 === score >= 0.5);
    });
    if (isSure || index === 2) return { stage: index + 1, bad: Math.max(...fused) };
  }
  throw new Error("unreachable");
}

const byte = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 254 }),
  fc.integer({ min: 235, max: 255 }),
);
const picture: fc.Arbitrary<Picture> = fc.record({
  lane: fc.constantFrom("live", "bulk"),
  frames: fc.array(fc.tuple(byte, byte, byte), { minLength: 1, maxLength: 7 }),
});

test("whatever pictures come, each is decoded once and has one outcome, of the stage and with the scores that its numbers say", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 40 }), async (pictures) => {
      const device = new HeldDevice({ isHeld: false });
      const { outcomes, submit, finished, decoded, scored } = setUp(pictures, device);
      for (const id of pictures.keys()) submit(id);
      await finished;
      expect(decoded.toSorted((a, b) => a - b)).toEqual([...pictures.keys()]);
      for (const [id, one] of pictures.entries()) {
        const [outcome, ...more] = outcomes.get(id) ?? [];
        expect(more).toEqual([]);
        const told = expected(one);
        expect(scored.includes(id)).toBe(told?.stage === 3);
        expect([stageOf(outcome), membersOf(outcome)]).toEqual([
          told?.stage,
          ["", "m1", "m0,m1", "m0,m1,m2"][told?.stage ?? 0],
        ]);
        expect(badOf(outcome)).toBeCloseTo(told?.bad ?? -1, 5);
      }
    }),
    { numRuns: 300 },
  );
});

/** Undefined for a broken model. */
function stageOf(outcome: Classification | undefined): number | undefined {
  return outcome?.kind === "classified" ? outcome.cascade?.stage : undefined;
}

function membersOf(outcome: Classification | undefined): string {
  return outcome?.kind === "classified" ? outcome.members.map(({ model }) => model).join() : "";
}

/** -1 for a broken model. */
function badOf(outcome: Classification | undefined): number | undefined {
  if (outcome?.kind === "unscannable" && outcome.reason === "model-failure") return -1;
  if (outcome?.kind !== "classified") return undefined;
  return outcome.scores.find(({ label }) => label === "bad")?.score;
}

/** Until nothing moves any more. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("whenever batches end, each row of a stage runs once, in order within a lane, and memory stays within its limit", async () => {
  const still = picture.map(({ lane, frames: [frame] }): Picture => ({ lane, frames: [frame!] }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(still, { minLength: 1, maxLength: 24 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 24 }),
      async (pictures, arrivals) => {
        const device = new HeldDevice({ isHeld: true });
        // The third byte is only seen by the last stage: it says which picture it is.
        const named = pictures.map(({ lane, frames: [frame] }, id): Picture => {
          return { lane, frames: [[frame![0], frame![1], id]] };
        });
        const { outcomes, submit, decoded } = setUp(named, device);
        let next = 0;
        for (const count of [...arrivals, named.length]) {
          for (let i = 0; i < count && next < named.length; i++) submit(next++);
          await settle();
          const undecided = decoded.length - outcomes.size;
          expect(undecided).toBeLessThanOrEqual(MAX_UNDECIDED + 2 * DECODERS + 4 * MAX_ROWS);
          if (outcomes.size < next) device.runOne();
          await settle();
        }
        device.letGo();
        while (outcomes.size < named.length) await settle();
        for (const stage of [0, 1, 2]) {
          const rows = device.batches.filter((b) => b.stage === stage).flatMap((b) => b.pixels);
          const ids = rows.map(([, , id]) => id);
          const reached = [...named.keys()].filter((id) => {
            const told = outcomes.get(id)![0]!;
            if (told.kind !== "classified") return expectedFailureStage(named[id]!) >= stage;
            return (told.cascade?.stage ?? 0) > stage;
          });
          expect(ids.toSorted((a, b) => a - b)).toEqual(reached);
          for (const lane of ["live", "bulk"] as const) {
            const own = ids.filter((id) => named[id]!.lane === lane);
            expect(own).toEqual(own.toSorted((a, b) => a - b));
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

/** From 0. */
function expectedFailureStage({ frames: [frame] }: Picture): number {
  return [1, 0, 2].findIndex((m) => frame![m] === 255);
}

const sure = (id: number): Frame => [0, 0, id];
const unsure = (id: number): Frame => [128, 128, id];
const still = (frame: Frame, lane: Lane = "bulk"): Picture => ({ lane, frames: [frame] });
const shown = ({ batches }: HeldDevice) =>
  batches.map(({ stage, pixels }) => [stage, ...pixels.map(([, , id]) => id)]);

test("bulk images that are not sure wait until their stage's batch is full; live ones go on at once, and bulk rides along", async () => {
  const pictures = [
    ...Array.from({ length: 13 }, (_, id) => still(id % 2 === 0 ? unsure(id) : sure(id))),
    still(unsure(13), "live"),
  ];
  const device = new HeldDevice({ isHeld: true });
  const { submit, outcomes } = setUp(pictures, device, 64);
  for (let id = 0; id < 13; id++) submit(id);
  await settle();
  const steps = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      device.runOne();
      await settle();
    }
  };
  await steps(4);
  submit(13);
  await settle();
  await steps(3);
  expect(shown(device)).toEqual([
    [0, 0],
    [0, 1, 2, 3, 4],
    [0, 5, 6, 7, 8], // 0, 2 and 4 wait: another batch of the first stage is there
    [0, 9, 10, 11, 12],
    [1, 0, 2, 4, 6], // full
    [0, 13], // live goes before the three of stage 2
    [2, 0, 2, 4, 6], // was full before 13 came out
    [1, 8, 10, 12, 13],
  ]);
  device.letGo();
  await settle();
  expect(outcomes.size).toBe(14);
});

test("while as many undecided rows wait as may, nothing more is decoded and the later stages run", async () => {
  const pictures = Array.from({ length: 30 }, (_, id) => still(unsure(id)));
  const device = new HeldDevice({ isHeld: true });
  const { submit, outcomes, decoded } = setUp(pictures, device);
  for (const id of pictures.keys()) submit(id);
  await settle();
  while (outcomes.size < pictures.length) {
    device.runOne();
    await settle();
    const undecided = decoded.length - outcomes.size;
    expect(undecided).toBeLessThanOrEqual(MAX_UNDECIDED + DECODERS + 3 * MAX_ROWS);
  }
});
