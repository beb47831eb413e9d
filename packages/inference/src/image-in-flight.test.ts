import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { planStages } from "./cascade/plan-stages.ts";
import type { Ensemble } from "./ensemble.ts";
import { ImageInFlight } from "./image-in-flight.ts";

const digest = sha256Schema.parse("a".repeat(64));
const ensemble: Ensemble = {
  name: ensembleNameSchema.parse("default"),
  digest,
  labels: ["a", "b"],
  sets: [{ name: null, offset: 0, labels: ["a", "b"] }],
  members: [{ model: "m", digest, weight: 1, temperature: 1, set: 0 }],
  fusion: "mean",
  views: "center",
  frames: "all",
  embeddings: 0,
  scoreFloor: 0,
};

/** An animation with a frame for each embedding. */
function concludeWith(embeddings: readonly number[][]) {
  const frames = embeddings.map(() => [new Uint8Array(3)]);
  const facts = { format: "gif", width: 1, height: 1, isDamaged: false };
  const image = { kind: "decoded" as const, ...facts, frames };
  const inFlight = new ImageInFlight({
    id: 1,
    lane: "live",
    image,
    sha256: digest,
    sizeBytes: 1,
    views: "center",
  });
  for (const [row, numbers] of embeddings.entries()) {
    inFlight.addScores(row, [Float32Array.of(0.75, 0.25)], Float32Array.from(numbers));
  }
  return inFlight.conclude(planStages(ensemble)[0]!);
}

test("of an animation that was sampled the worst frame has its number in the picture, and the rest is counted as unseen", () => {
  const inFlight = (numbers: readonly number[]) =>
    new ImageInFlight({
      id: 1,
      lane: "live",
      image: {
        kind: "decoded",
        format: "gif",
        width: 1,
        height: 1,
        isDamaged: false,
        frames: numbers.map(() => [new Uint8Array(3)]),
        sampled: { of: 10, numbers },
      },
      sha256: digest,
      sizeBytes: 1,
      views: "center",
    });
  const { embeddings: _, ...plain } = ensemble;
  const some = inFlight([0, 4, 9]);
  for (const [row, a] of [0.1, 0.9, 0.3].entries()) {
    some.addScores(row, [Float32Array.of(a, 1 - a)]);
  }
  const [plan] = planStages(plain);
  expect(some.conclude(plan!)).toMatchObject({
    frames: 10,
    framesSeen: 3,
    scores: [
      { label: "a", frame: 4 },
      { label: "b", frame: 0 },
    ],
    members: [{ scores: [{ label: "a", frame: 4 }, { label: "b" }] }],
  });
  const first = inFlight([0]);
  first.addScores(0, [Float32Array.of(0.75, 0.25)]);
  expect(first.conclude(plan!)).toMatchObject({ framesSeen: 1, scores: [{ frame: 0 }, {}] });
});

test("the embedding of an animation is the mean over its frames", () => {
  const f16 = Buffer.from(new Uint8Array([0x00, 0x40, 0x00, 0xb8])).toString("base64"); // 2, -0.5
  const embedding = { model: "m", digest, dimensions: 2, f16 };
  expect(
    concludeWith([
      [1, 0],
      [3, -1],
    ]),
  ).toMatchObject({ kind: "classified", embedding });
});

test("an embedding that is not finite makes the outcome model-failure, never a clean one", () => {
  for (const broken of [Number.NaN, Infinity, 1e6]) {
    const outcome = concludeWith([
      [1, 0],
      [broken, 0],
    ]);
    expect(outcome).toMatchObject({ kind: "unscannable", reason: "model-failure" });
  }
});

test("without embeddings from the device an ensemble that names a member for them is broken, too", () => {
  expect(concludeWith([[]])).toMatchObject({ kind: "unscannable", reason: "model-failure" });
});
