import { expect, test } from "vitest";
import { explainRule } from "./explain-rule.ts";

test("a forbidden label is told with its score, its threshold and the frame as people count them", () => {
  const rule = { kind: "forbidden", level: "quarantine", label: "target", classId: 6 } as const;
  expect(explainRule({ ...rule, score: 0.873, threshold: 0.5, frame: 2 })).toBe(
    "target 87.3 % in frame 3, quarantine from 50.0 %",
  );
});

test("a score near certainty is not rounded to it", () => {
  const nearest = { label: "target", score: 0.0004, threshold: 0.5 };
  expect(explainRule({ kind: "nothing-forbidden", nearest })).toBe(
    "nothing forbidden, nearest target 0.04 %",
  );
});
