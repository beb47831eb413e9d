import { createHash } from "node:crypto";
import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import { expect, test } from "vitest";
import type { Ensemble } from "./ensemble.ts";
import { composeEnsemble, EnsembleInvalidError, type MemberFacts } from "./compose-ensemble.ts";

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

function composeFrom(...members: MemberFacts[]): Ensemble {
  return composeEnsemble({ name, members, fusion: "mean", scoreFloor: 0 }).ensemble;
}

function digestOf(...members: MemberFacts[]): string {
  return composeEnsemble({ name, members, fusion: "mean", scoreFloor: 0.001 }).ensemble.digest;
}

test("members that take the same pixels share them", () => {
  const bicubic = { ...spec, interpolation: "bicubic" } as const;
  const members = [member("a"), member("b", { spec: bicubic }), member("c", { spec: { ...spec } })];
  const composed = composeEnsemble({ name, members, fusion: "mean", scoreFloor: 0.001 });
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
    composeEnsemble({ name, members: [a, b], fusion: "vote", scoreFloor: 0.001 }).ensemble.digest,
    composeEnsemble({ name, members: [a, b], fusion: "mean", scoreFloor: 0.01 }).ensemble.digest,
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
