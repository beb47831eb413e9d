import fc from "fast-check";
import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import { expect, test } from "vitest";
import type { Ensemble } from "../ensemble.ts";
import { fuseRows } from "./fuse-rows.ts";
import { FUSION_RULES } from "./fusion-rule.ts";

const digest = sha256Schema.parse("a".repeat(64));

function ensembleOf(
  weights: readonly number[],
  labels: readonly string[],
  scoreFloor = 0,
): Ensemble {
  const members = weights.map((weight, i) => {
    return { model: `m${i}`, digest, weight, temperature: 1, set: 0 };
  });
  const sets = [{ name: null, offset: 0, labels }];
  const name = ensembleNameSchema.parse("default");
  return {
    name,
    digest,
    labels,
    sets,
    members,
    fusion: "weighted",
    views: "center",
    frames: "all",
    scoreFloor,
  };
}

/** Probabilities of one member for one frame. */
const distribution = (classes: number) =>
  fc
    .array(fc.double({ min: 0.001, max: 1, noNaN: true }), {
      minLength: classes,
      maxLength: classes,
    })
    .map((raw) => {
      const sum = raw.reduce((a, b) => a + b);
      return Float32Array.from(raw, (value) => value / sum);
    });

const image = fc
  .record({
    classes: fc.integer({ min: 2, max: 6 }),
    weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    frames: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ classes, weights, frames }) =>
    fc.record({
      weights: fc.constant(weights),
      labels: fc.constant(Array.from({ length: classes }, (_, i) => `l${i}`)),
      rows: fc.array(
        fc.array(distribution(classes), { minLength: weights.length, maxLength: weights.length }),
        { minLength: frames, maxLength: frames },
      ),
    }),
  );

test("a label's score is the highest over frames of the weighted mean over members, with the frame that gave it", () => {
  fc.assert(
    fc.property(image, ({ weights, labels, rows }) => {
      const fused = fuseRows(ensembleOf(weights, labels), rows)!.fused;
      const total = weights.reduce((a, b) => a + b);
      expect(fused).toHaveLength(labels.length);
      for (const { classId, score, frame } of fused) {
        const means = rows.map((row) =>
          row.reduce((sum, member, m) => sum + (member[classId]! * weights[m]!) / total, 0),
        );
        expect(score).toBeCloseTo(Math.max(...means), 5);
        expect(frame).toBe(rows.length === 1 ? undefined : means.indexOf(Math.max(...means)));
      }
      expect(fused.map(({ score }) => score)).toEqual(
        fused.map(({ score }) => score).toSorted((a, b) => b - a),
      );
    }),
  );
});

test("labels below the floor are left out, the others keep their class id", () => {
  const row = [Float32Array.of(0.005, 0.9, 0.095)];
  const scores = fuseRows(ensembleOf([1], ["a", "b", "c"], 0.01), [row])!;
  expect(scores.fused).toEqual([
    { label: "b", classId: 1, score: 0.9 },
    { label: "c", classId: 2, score: 0.095 },
  ]);
  expect(scores.members[0]!.scores).toEqual(scores.fused);
});

test.each([
  ["NaN", Float32Array.of(Number.NaN, 0.5)],
  ["infinite", Float32Array.of(Number.POSITIVE_INFINITY, 0)],
  ["negative", Float32Array.of(-0.5, 1.5)],
  ["too few", Float32Array.of(1)],
])("numbers that are %s in any member or frame give no scores at all", (_, broken) => {
  const good = Float32Array.of(0.5, 0.5);
  const ensemble = ensembleOf([1, 1], ["a", "b"]);
  expect(fuseRows(ensemble, [[good, broken]])).toBeNull();
  expect(
    fuseRows(ensemble, [
      [good, good],
      [broken, good],
    ]),
  ).toBeNull();
  expect(fuseRows(ensemble, [[good]])).toBeNull();
});

test("label sets are fused apart, and class ids go on from one to the next", () => {
  const name = ensembleNameSchema.parse("default");
  const ensemble: Ensemble = {
    name,
    digest,
    labels: ["nsfw/safe", "nsfw/porn", "weapons/none", "weapons/gun"],
    sets: [
      { name: "nsfw", offset: 0, labels: ["safe", "porn"] },
      { name: "weapons", offset: 2, labels: ["none", "gun"] },
    ],
    members: [0, 1, 0].map((set, i) => ({
      model: `m${i}`,
      digest,
      weight: 1,
      temperature: 1,
      set,
    })),
    fusion: "mean",
    views: "center",
    frames: "all",
    scoreFloor: 0,
  };
  const row = [Float32Array.of(0.5, 0.5), Float32Array.of(0.1, 0.9), Float32Array.of(1, 0)];
  const scores = fuseRows(ensemble, [row])!;
  expect(scores.fused).toEqual([
    { label: "weapons/gun", classId: 3, score: 0.9 },
    { label: "nsfw/safe", classId: 0, score: 0.75 },
    { label: "nsfw/porn", classId: 1, score: 0.25 },
    { label: "weapons/none", classId: 2, score: 0.1 },
  ]);
  expect(scores.members[1]!.scores[0]).toEqual({ label: "weapons/gun", classId: 3, score: 0.9 });
});

test("a label set of which no member has run has no scores, also where no floor would hide them, and is never made up", () => {
  const sets = [
    { name: "nsfw", offset: 0, labels: ["safe", "porn"] },
    { name: "weapons", offset: 2, labels: ["none", "gun"] },
  ];
  const labels = ["nsfw/safe", "nsfw/porn", "weapons/none", "weapons/gun"];
  const [member] = ensembleOf([1], labels).members;
  for (const fusion of FUSION_RULES) {
    const pool = { ...ensembleOf([1], labels), sets, fusion, members: [{ ...member!, set: 1 }] };
    const { fused, members } = fuseRows(pool, [[Float32Array.of(0.1, 0.9)]])!;
    expect(fused.map(({ label }) => label).toSorted()).toEqual(["weapons/gun", "weapons/none"]);
    expect(members.map(({ scores }) => scores.map(({ label }) => label))).toEqual([
      ["weapons/gun", "weapons/none"],
    ]);
  }
});

test("a member's temperature softens what it gives, its own scores too", () => {
  const ensemble = ensembleOf([1], ["a", "b"]);
  const softened = {
    ...ensemble,
    members: ensemble.members.map((member) => ({ ...member, temperature: 2 })),
  };
  const scores = fuseRows(softened, [[Float32Array.of(0.9, 0.1)]])!;
  expect(scores.fused[0]).toEqual({ label: "a", classId: 0, score: 0.75 }); // √0.9 : √0.1 = 3 : 1
  expect(scores.members[0]!.scores).toEqual(scores.fused);
});

test("what one member alone gives is listed once", () => {
  const row = [Float32Array.of(0.9, 0.1)];
  for (const fusion of ["mean", "weighted", "max"] as const) {
    const { fused, members } = fuseRows({ ...ensembleOf([2], ["a", "b"]), fusion }, [row])!;
    expect(members[0]!.scores).toBe(fused);
  }
  const { fused, members } = fuseRows({ ...ensembleOf([2], ["a", "b"]), fusion: "vote" }, [row])!;
  expect(fused[0]).toEqual({ label: "a", classId: 0, score: 1 });
  expect(members[0]!.scores[0]).toEqual({ label: "a", classId: 0, score: 0.9 });
});
