import { createHash } from "node:crypto";
import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import { expect, test } from "vitest";
import type { Ensemble } from "./ensemble.ts";
import { composeEnsemble, type MemberFacts } from "./compose-ensemble.ts";
import { EnsembleInvalidError } from "./ensemble-invalid-error.ts";

const name = ensembleNameSchema.parse("default");
const spec = {
  fit: "shortest-edge",
  resize: 256,
  height: 224,
  width: 224,
  interpolation: "bilinear",
} as const;

function member(model: string, facts: Partial<MemberFacts> = {}): MemberFacts {
  const digest = sha256Schema.parse(createHash("sha256").update(model).digest("hex"));
  return {
    model,
    digest,
    weight: 1,
    temperature: 1,
    set: null,
    labels: ["cat", "dog"],
    spec,
    ...facts,
  };
}

/** Of one member "a" with mean and 0.001, as it was before there were views: stored outcomes stay good. */
const DIGEST_BEFORE_VIEWS = "59c0b4feb5a3338b83f867ec55b5a808da1e737c44e2d9683a641a80c95d83d7";

function composeFrom(...members: MemberFacts[]): Ensemble {
  return composeEnsemble({
    name,
    members,
    fusion: "mean",
    views: "center",
    frames: "all",
    scoreFloor: 0,
  }).ensemble;
}

function digestOf(...members: MemberFacts[]): string {
  return composeEnsemble({
    name,
    members,
    fusion: "mean",
    views: "center",
    frames: "all",
    scoreFloor: 0.001,
  }).ensemble.digest;
}

test("members that take the same pixels share them", () => {
  const bicubic = { ...spec, interpolation: "bicubic" } as const;
  const members = [member("a"), member("b", { spec: bicubic }), member("c", { spec: { ...spec } })];
  const composed = composeEnsemble({
    name,
    members,
    fusion: "mean",
    views: "center",
    frames: "all",
    scoreFloor: 0.001,
  });
  expect(composed.specs).toEqual([spec, bicubic]);
  expect(composed.specOfMember).toEqual([0, 1, 0]);
});

test("members with other labels, fewer or in another order, are refused by name", () => {
  for (const labels of [["dog", "cat"], ["cat"], ["cat", "dog", "fox"]]) {
    const compose = () => composeFrom(member("a"), member("b", { labels }));
    expect(compose).toThrow(EnsembleInvalidError);
    expect(compose).toThrow(/class \d is .* in a and .* in b/u);
  }
});

test("no member is refused", () => {
  expect(() => composeFrom()).toThrow(EnsembleInvalidError);
});

test("the digest changes with each part that decides scores, and with nothing else", () => {
  const [a, b] = [member("a"), member("b")];
  const digest = digestOf(a, b);
  expect(digestOf(member("a"), member("b"))).toBe(digest);
  const others = [
    digestOf(a),
    digestOf(b, a),
    digestOf(a, { ...b, weight: 2 }),
    digestOf(a, member("c")),
    digestOf(a, { ...b, temperature: 2 }),
    composeEnsemble({
      name,
      members: [a, b],
      fusion: "vote",
      views: "center",
      frames: "all",
      scoreFloor: 0.001,
    }).ensemble.digest,
    composeEnsemble({
      name,
      members: [a, b],
      fusion: "mean",
      views: "center",
      frames: "all",
      scoreFloor: 0.01,
    }).ensemble.digest,
  ];
  expect(new Set([digest, ...others]).size).toBe(8);
});

test("members with other labels may stand in label sets of their own, which name their labels", () => {
  const fox = { labels: ["fox"], set: "wild" };
  const ensemble = composeFrom(
    member("a", { set: "tame" }),
    member("b", fox),
    member("c", { set: "tame" }),
  );
  expect(ensemble.labels).toEqual(["tame/cat", "tame/dog", "wild/fox"]);
  expect(ensemble.members.map(({ set }) => set)).toEqual([0, 1, 0]);
  expect(ensemble.sets.map(({ offset }) => offset)).toEqual([0, 2]);
  expect(composeFrom(member("a", { set: "tame" })).labels).toEqual(["cat", "dog"]);
});

test("a member without a label set among others that have one is refused by name", () => {
  const compose = () => composeFrom(member("a", { set: "tame" }), member("b", { labels: ["fox"] }));
  expect(compose).toThrow(/b has none: give every member a set/u);
});

test("other views are part of the digest and of the pixels; those of the middle alone leave both as they were", () => {
  const parts = {
    name,
    members: [member("a")],
    fusion: "mean",
    frames: "all",
    scoreFloor: 0.001,
  } as const;
  const center = composeEnsemble({ ...parts, views: "center" });
  expect(center.specs).toEqual([spec]);
  expect(center.ensemble.digest).toBe(DIGEST_BEFORE_VIEWS);
  const flipped = composeEnsemble({ ...parts, views: "center+flip" });
  const five = composeEnsemble({ ...parts, views: "five-crop" });
  expect([flipped.specs, five.specs]).toEqual([
    [{ ...spec, views: "center+flip" }],
    [{ ...spec, views: "five-crop" }],
  ]);
  const digests = [center, flipped, five].map(({ ensemble }) => ensemble.digest);
  expect(new Set(digests).size).toBe(3);
});

test("which frames are looked at is part of the digest; all of them leave it as it was", () => {
  const parts = { name, members: [member("a")], fusion: "mean", views: "center" } as const;
  const digests = (["all", "first", "sample:2", "sample:3"] as const).map(
    (frames) => composeEnsemble({ ...parts, frames, scoreFloor: 0.001 }).ensemble.digest,
  );
  expect(digests[0]).toBe(DIGEST_BEFORE_VIEWS);
  expect(new Set(digests).size).toBe(4);
});

test.each([
  [{ fit: "stretch" }, /tight stretches 224 x 224/u],
  [{ resize: 224 }, /tight resizes to 224 and crops to 224 x 224/u],
] as const)("five crops of a picture without room for them (%j) are refused", (change, message) => {
  const members = [member("a"), member("tight", { spec: { ...spec, ...change } })];
  const parts = { name, members, fusion: "mean", frames: "all", scoreFloor: 0 } as const;
  expect(() => composeEnsemble({ ...parts, views: "five-crop" })).toThrow(message);
  expect(composeEnsemble({ ...parts, views: "center+flip" }).ensemble.views).toBe("center+flip");
});
