import fc from "fast-check";
import { expect, test } from "vitest";
import { fuseMembers, type MemberRow } from "./fuse-members.ts";
import { FUSION_RULES } from "./fusion-rule.ts";
import { temper } from "./temper.ts";

const sure = { probabilities: [0.9, 0.1, 0], weight: 1 };
const unsure = { probabilities: [0.4, 0.5, 0.1], weight: 3 };
const close = (values: Float64Array) => [...values].map((value) => Math.round(value * 1e4) / 1e4);

test("mean counts every member the same, weighted by its weight", () => {
  expect(close(fuseMembers("mean", [sure, unsure], 3))).toEqual([0.65, 0.3, 0.05]);
  expect(close(fuseMembers("weighted", [sure, unsure], 3))).toEqual([0.525, 0.4, 0.075]);
});

test("vote gives each label the weights of those who put it first; a tie goes to the lower class", () => {
  const tied = { probabilities: [0.1, 0.45, 0.45], weight: 1 };
  expect(close(fuseMembers("vote", [sure, unsure, tied], 3))).toEqual([0.2, 0.8, 0]);
});

test("max keeps the highest of all members", () => {
  expect(close(fuseMembers("max", [sure, unsure], 3))).toEqual([0.9, 0.5, 0.1]);
});

test("geometric is the normalised weighted product, and a zero does not break it", () => {
  const [a, b] = [0.9 ** 0.25 * 0.4 ** 0.75, 0.1 ** 0.25 * 0.5 ** 0.75];
  const fused = fuseMembers("geometric", [sure, unsure], 3);
  expect(fused[0]! / fused[1]!).toBeCloseTo(a / b, 6);
  expect(fused[2]).toBeLessThan(0.001);
});

const row = fc
  .array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((raw) => {
    const sum = raw.reduce((a, b) => a + b);
    return raw.map((value) => value / sum);
  });
const rows: fc.Arbitrary<MemberRow[]> = fc.array(
  fc.record({ probabilities: row, weight: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
  { minLength: 1, maxLength: 6 },
);

test.each(FUSION_RULES)(
  "%s gives probabilities, does not depend on the order, and keeps agreement",
  (rule) => {
    fc.assert(
      fc.property(rows, (members) => {
        const fused = fuseMembers(rule, members, 4);
        expect([...fused].every((score) => score >= 0 && score <= 1 + 1e-9)).toBe(true);
        const sum = fused.reduce((a, b) => a + b, 0);
        expect(rule === "max" ? 1 : sum).toBeCloseTo(1, 6);
        const turned = fuseMembers(rule, members.toReversed(), 4);
        for (const [i, score] of fused.entries()) expect(turned[i]).toBeCloseTo(score, 9);
      }),
    );
  },
);

test("a temperature keeps the order of labels and is undone by its inverse", () => {
  fc.assert(
    fc.property(row, fc.double({ min: 0.25, max: 4, noNaN: true }), (values, temperature) => {
      const probabilities = Float32Array.from(values);
      const tempered = Array.from(temper(probabilities, temperature));
      expect(tempered.indexOf(Math.max(...tempered))).toBe(
        probabilities.indexOf(Math.max(...probabilities)),
      );
      const back = Array.from(temper(Float32Array.from(tempered), 1 / temperature));
      for (const [i, value] of back.entries()) expect(value).toBeCloseTo(probabilities[i]!, 3);
    }),
  );
});
