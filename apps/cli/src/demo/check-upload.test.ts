import { describe, expect, test } from "vitest";
import {
  chunkIdSchema,
  ensembleNameSchema,
  objectPathSchema,
  objectVersionSchema,
  policyNameSchema,
  rootNameSchema,
  sha256Schema,
  sourceNameSchema,
} from "@sluice/contracts";
import { decisionIdSchema, effectIdSchema, type Decision, type Rule } from "@sluice/moderation";
import type { DecisionView } from "@sluice/storage";
import { checkUpload } from "./check-upload.ts";
import type { Expectation } from "./sample-upload.ts";
import type { Place } from "./upload-result.ts";

const SHA = sha256Schema.parse("0".repeat(64));
const object = {
  source: sourceNameSchema.parse("uploads"),
  chunkId: chunkIdSchema.parse(`c${"0".repeat(40)}`),
  root: rootNameSchema.parse("uploads"),
  path: objectPathSchema.parse("a.jpg"),
  version: objectVersionSchema.parse("1"),
};

/** A decision with the rule that made it, about an image in which the models see a target. */
function decided(decision: Decision, rule: Rule): DecisionView {
  const id = decisionIdSchema.parse(`d${"0".repeat(24)}`);
  const scores = [{ label: "target", classId: 6, score: 0.9 }];
  return {
    record: {
      ...object,
      id,
      decidedAtMs: 0,
      sizeBytes: 1,
      policy: policyNameSchema.parse("gate"),
      policyDigest: SHA,
      ensemble: ensembleNameSchema.parse("default"),
      ensembleDigest: SHA,
      worker: "w",
      classifiedAtMs: 0,
      classification: {
        kind: "classified",
        sha256: SHA,
        sizeBytes: 1,
        format: "jpeg",
        width: 1,
        height: 1,
        frames: 1,
        isDamaged: false,
        scores,
        members: [],
      },
      decision,
      rule,
      fired: [rule],
    },
    effect: {
      ...object,
      id: effectIdSchema.parse(`e${"0".repeat(24)}`),
      decisionId: id,
      plan: { kind: "none", result: "nothing" },
      state: "done",
      result: "nothing",
      actor: "policy",
      attempts: 0,
      sha256: SHA,
    },
    failure: null,
  };
}

function check(
  expected: Expectation,
  decisions: readonly DecisionView[],
  places: readonly Place[],
) {
  return checkUpload({
    upload: {
      source: "gate",
      path: "a.jpg",
      about: "",
      recipe: { make: "empty" },
      arrival: "written",
      expected,
      sha256: SHA,
      completedAtMs: 0,
      mode: 0n,
      mtimeNs: 0n,
    },
    decisions,
    places,
  });
}

const FORBIDDEN: Rule = {
  kind: "forbidden",
  level: "quarantine",
  label: "target",
  classId: 6,
  threshold: 0.5,
  score: 0.9,
  frame: 2,
};
const taken = decided("quarantine", FORBIDDEN);
const expectTaken = { decision: "quarantine", label: "target", frame: 2 } as const;

test("an upload that was taken for the right frame and is in the vault alone is as it should be", () => {
  expect(check(expectTaken, [taken], ["vault"])).toEqual([]);
});

describe("the demo fails when", () => {
  test.each<[string, Expectation, readonly DecisionView[], readonly Place[], RegExp]>([
    ["nothing was decided", expectTaken, [], ["incoming"], /received none/u],
    ["it was decided twice", expectTaken, [taken, taken], ["vault"], /one decision, received 2/u],
    [
      "a forbidden upload is still public",
      expectTaken,
      [taken],
      ["published", "vault"],
      /found in published and vault/u,
    ],
    ["its bytes are gone", expectTaken, [taken], [], /found in no place/u],
    [
      "another frame was named",
      { ...expectTaken, frame: 1 },
      [taken],
      ["vault"],
      /in frame 1, received 2/u,
    ],
    [
      "a forbidden upload was allowed",
      expectTaken,
      [decided("allow", { kind: "nothing-forbidden", nearest: null })],
      ["published"],
      /the decision quarantine, received allow/u,
    ],
    [
      "the models saw something else",
      { decision: "allow", label: "fish" },
      [decided("allow", { kind: "nothing-forbidden", nearest: null })],
      ["published"],
      /picture of fish, the models see target/u,
    ],
    [
      "it was held for another reason",
      { decision: "review", because: ["empty"] },
      [decided("review", { kind: "damaged" })],
      ["incoming"],
      /the reason empty, received damaged/u,
    ],
  ])("%s", (_, expected, decisions, places, message) => {
    expect(check(expected, decisions, places).join("\n")).toMatch(message);
  });
});
