import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import {
  objectRefSchema,
  rootNameSchema,
  sha256Schema,
  type Classification,
} from "@sluice/contracts";
import { allocateBatchBuffers } from "./batch-buffer.ts";
import type { Ensemble } from "./ensemble.ts";
import { Pipeline } from "./pipeline.ts";
import { cascadeEnsemble } from "./testing/cascade-ensemble.ts";

const spec = { fit: "stretch", resize: 1, height: 1, width: 1, interpolation: "bilinear" } as const;

/** Runs contents through an ensemble whose members take what they say from the pixels: byte m, of 255. Each content is named by its id. */
async function classify(
  ensemble: Ensemble,
  frames: readonly (readonly (readonly number[])[])[],
  contents: readonly string[],
) {
  const buffers = allocateBatchBuffers([spec], 4, [[0], [0], [0]]);
  const rowsRun = [0, 0, 0];
  const outcomes: Classification[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const pipeline = new Pipeline({
    ensemble,
    buffers,
    readConcurrency: 6,
    decodeConcurrency: 2,
    maxUndecidedRows: 8,
    cacheEntries: 8,
    device: {
      run: async (rows, buffer) => {
        const stage = Math.floor(buffer / 2);
        rowsRun[stage] = (rowsRun[stage] ?? 0) + rows;
        const pixels = new Uint8Array(buffers.memory[buffer]![0]!).slice(0, 3 * rows);
        const member = [1, 0, 2][stage]!;
        const said = Array.from({ length: rows }, (_, row) => pixels[3 * row + member]! / 255);
        const scores = Float32Array.from(said.flatMap((bad) => [bad, 1 - bad]));
        const embeddings = Float32Array.from(said.flatMap((bad) => [bad, 2]));
        return await Promise.resolve(stage === 0 ? [scores, embeddings] : [scores]);
      },
    },
    reader: {
      read: async (_, { path }) => {
        const sha256 = createHash("sha256").update(path).digest("hex");
        const bytes = Buffer.from(path);
        return await Promise.resolve({ kind: "bytes", bytes, sha256: sha256Schema.parse(sha256) });
      },
    },
    decoder: {
      decode: async () => {
        const pixels = frames.map((views) => [Uint8Array.from(views.flat())]);
        const facts = { format: "gif", width: 1, height: 1, isDamaged: false } as const;
        return await Promise.resolve({ kind: "decoded", ...facts, frames: pixels });
      },
    },
    now: () => 0,
    events: {
      outcome: ({ classification }) => {
        outcomes.push(classification);
        if (outcomes.length === contents.length) resolve();
      },
      imageDecoded: () => undefined,
      imageRecalled: () => undefined,
      batchCompleted: () => undefined,
      failed: reject,
    },
  });
  for (const [i, path] of contents.entries()) {
    const object = objectRefSchema.parse({ path, version: "1", sizeBytes: 1 });
    pipeline.submit({ id: i + 1, lane: "live", root: rootNameSchema.parse("uploads"), object });
  }
  await promise;
  return { outcomes, rowsRun };
}

test("views are averaged before anybody leaves, and each view is a row of every stage that runs", async () => {
  const ensemble: Ensemble = { ...cascadeEnsemble(), views: "center+flip" };
  // Member 1 says 0 and 102: 0.2 on average, so it is not sure, though it is of the first view. Member 0 is clear.
  const views = [
    [0, 0, 0],
    [0, 102, 0],
  ];
  const { outcomes, rowsRun } = await classify(ensemble, [views], ["a"]);
  expect(rowsRun).toEqual([2, 2, 0]);
  expect(outcomes).toMatchObject([{ cascade: { stage: 2, stages: 3 }, frames: 1 }]);
});

test("an animation of which one frame is not clear goes on with all its frames, and names the worst", async () => {
  const frames = [[[0, 0, 0]], [[200, 200, 200]], [[0, 0, 0]]];
  const { outcomes, rowsRun } = await classify(cascadeEnsemble(), frames, ["a"]);
  expect(rowsRun).toEqual([3, 3, 3]);
  expect(outcomes).toMatchObject([
    {
      cascade: { stage: 3 },
      scores: expect.arrayContaining([expect.objectContaining({ label: "bad", frame: 1 })]),
    },
  ]);
});

test("embeddings are those of the first stage, whatever stage decides", async () => {
  const ensemble: Ensemble = { ...cascadeEnsemble(), embeddings: 1 };
  const early = await classify(ensemble, [[[0, 0, 0]]], ["a"]);
  const late = await classify(ensemble, [[[255, 0, 255]], [[128, 128, 0]]], ["a"]);
  const f16 = (...numbers: number[]): string => {
    const view = new DataView(new ArrayBuffer(2 * numbers.length));
    for (const [i, number] of numbers.entries()) view.setFloat16(2 * i, number, true);
    return Buffer.from(view.buffer).toString("base64");
  };
  expect(early.outcomes).toMatchObject([
    { cascade: { stage: 1 }, embedding: { model: "m1", dimensions: 2, f16: f16(0, 2) } },
  ]);
  expect(late.outcomes).toMatchObject([
    { cascade: { stage: 3 }, embedding: { model: "m1", f16: f16(128 / 255 / 2, 2) } },
  ]);
});

test("the same content again is told with the stage that decided it, and runs in none", async () => {
  const { outcomes, rowsRun } = await classify(cascadeEnsemble(), [[[0, 0, 0]]], ["a", "a", "a"]);
  expect(rowsRun).toEqual([1, 0, 0]);
  expect(outcomes).toHaveLength(3);
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(outcomes[0]).toMatchObject({ cascade: { stage: 1, stages: 3 } });
});
