import { createHash } from "node:crypto";
import { ensembleNameSchema, sha256Schema } from "@sluice/contracts";
import { expect, test } from "vitest";
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
  return { model, digest, weight: 1, labels: ["cat", "dog"], spec, ...facts };
}

function digestOf(...members: MemberFacts[]): string {
  return composeEnsemble({ name, members, scoreFloor: 0.001 }).ensemble.digest;
}

test("members that take the same pixels share them", () => {
  const bicubic = { ...spec, interpolation: "bicubic" } as const;
  const members = [member("a"), member("b", { spec: bicubic }), member("c", { spec: { ...spec } })];
  const composed = composeEnsemble({ name, members, scoreFloor: 0.001 });
  expect(composed.specs).toEqual([spec, bicubic]);
  expect(composed.specOfMember).toEqual([0, 1, 0]);
});

test("members with other labels, fewer or in another order, are refused by name", () => {
  for (const labels of [["dog", "cat"], ["cat"], ["cat", "dog", "fox"]]) {
    const compose = () =>
      composeEnsemble({ name, members: [member("a"), member("b", { labels })], scoreFloor: 0 });
    expect(compose).toThrow(EnsembleInvalidError);
    expect(compose).toThrow(/class \d is .* in a and .* in b/u);
  }
});

test("no member is refused", () => {
  expect(() => composeEnsemble({ name, members: [], scoreFloor: 0 })).toThrow(EnsembleInvalidError);
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
    composeEnsemble({ name, members: [a, b], scoreFloor: 0.01 }).ensemble.digest,
  ];
  expect(new Set([digest, ...others]).size).toBe(6);
});
