import {
  ensembleNameSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
} from "@sluice/contracts";
import { policySchema } from "@sluice/policy";
import { expect, test } from "vitest";
import { findLabelProblems } from "./check-labels.ts";

const name = policyNameSchema.parse("default");
const ensemble = ensembleNameSchema.parse("default");
const source = {
  name: sourceNameSchema.parse("uploads"),
  kind: "folder" as const,
  root: rootNameSchema.parse("uploads"),
  policy: name,
  ensemble,
  settleMs: 1000,
  reconcileEveryMs: 60_000,
  ignore: [],
  include: [],
  quietHours: [],
  polling: false,
  maxDepth: 64,
  followSymlinks: false as const,
};

function problems(forbidden: readonly object[], labels: readonly string[]) {
  const policy = policySchema.parse({ mode: "sweep", forbidden });
  const config = { sources: [source, source], policies: new Map([[name, policy]]) };
  return findLabelProblems(config, new Map([[ensemble, labels]]));
}

const LABELS = ["fish", "house", "target"];

test("a policy that forbids what the models know has no problem", () => {
  const forbidden = [
    { label: "target", review: 0.2 },
    { classId: 2, quarantine: 0.5 },
  ];
  expect(problems(forbidden, LABELS)).toEqual([]);
});

test("a label with a typing error is named once, with the nearest one", () => {
  expect(problems([{ label: "tagret", review: 0.2 }], LABELS)).toEqual([
    'policies.default.forbidden[0].label: received "tagret", which ensemble "default" does not know; did you mean "target"?',
  ]);
});

test("a label like no other lists what there is, but not a thousand of them", () => {
  const many = Array.from({ length: 1000 }, (_, index) => `class number ${index}`);
  const [problem = ""] = problems([{ label: "x", review: 0.2 }], many);
  expect(problem).toContain("and 988 more");
});

test("a class id beyond the models' output is refused", () => {
  expect(problems([{ classId: 3, review: 0.2 }], LABELS)).toEqual([
    'policies.default.forbidden[0].classId: expected 0 to 2, the classes of ensemble "default"; received 3',
  ]);
});
