import fc from "fast-check";
import { expect, test } from "vitest";
import { policyDigest } from "./policy-digest.ts";
import { policySchema } from "./policy-schema.ts";

const forbidden = [
  { label: "target", quarantine: 0.5, review: 0.2 },
  { classId: 3, quarantine: 0.9 },
  { label: "other", review: 0.4 },
];
const digest = (rules: object) =>
  policyDigest(policySchema.parse({ mode: "gate", publishTo: "published", forbidden, ...rules }));

test("order of rules and defaults written out make no difference", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(forbidden, { minLength: 3 }), (shuffled) => {
      const written = {
        damaged: "review",
        unseenFrames: "review",
        unscannable: { default: "review", empty: "review" },
      };
      expect(digest({ forbidden: shuffled, ...written })).toBe(digest({}));
    }),
  );
});

test("where files go is no part of it", () => {
  expect(digest({ publishTo: "elsewhere", onConflict: "replace" })).toBe(digest({}));
  const sweep = policySchema.parse({ mode: "sweep", onReview: "leave", forbidden });
  expect(policyDigest(sweep)).toBe(digest({}));
});

test("every change of a decision changes it", () => {
  const others = [
    { damaged: "allow" },
    { unseenFrames: "allow" },
    { unscannable: { default: "quarantine" } },
    { unscannable: { empty: "allow" } },
    { forbidden: forbidden.slice(1) },
    { forbidden: [{ label: "target", quarantine: 0.6, review: 0.2 }, ...forbidden.slice(1)] },
    { forbidden: [{ label: "target", quarantine: 0.5 }, ...forbidden.slice(1)] },
    { forbidden: [{ label: "3", quarantine: 0.9 }, forbidden[0], forbidden[2]] },
  ].map(digest);
  expect(new Set([digest({}), ...others]).size).toBe(others.length + 1);
});
