import { policySchema } from "@sluice/policy";
import { expect, test } from "vitest";
import { planEffect } from "./plan-effect.ts";
import { repeatRule } from "./repeat-rule.ts";
import { retryDelayMs } from "./retry-delay.ts";

const gate = policySchema.parse({ mode: "gate", publishTo: "published", forbidden: [] });
const sweep = policySchema.parse({ mode: "sweep", forbidden: [] });
const answer = policySchema.parse({ mode: "answer", forbidden: [] });

test("nothing but an allow at the gate publishes", () => {
  const decisions = ["review", "quarantine", "gone"] as const;
  const kinds = [gate, sweep, answer].flatMap((policy) =>
    decisions.map((decision) => planEffect(policy, decision).kind),
  );
  expect(kinds).not.toContain("publish");
  expect(planEffect(gate, "allow").kind).toBe("publish");
  expect(planEffect(sweep, "allow").kind).toBe("none");
});

test("a file is discarded in answer mode only, and only what is allowed unless nothing is to be kept", () => {
  const all = ["allow", "review", "quarantine", "gone"] as const;
  const discarded = [gate, sweep, answer].flatMap((policy) =>
    all
      .filter((decision) => planEffect(policy, decision).kind === "discard")
      .map((decision) => [policy.mode, decision]),
  );
  expect(discarded).toEqual([["answer", "allow"]]);
});

test("a repeated verdict changes nothing, unless the object had been away", () => {
  expect(repeatRule({ decision: "allow", result: "published" }, "quarantine")).toBe("keep");
  expect(repeatRule({ decision: "quarantine", result: null }, "quarantine")).toBe("keep");
  expect(repeatRule({ decision: "gone", result: "nothing" }, "allow")).toBe("supersede");
  expect(repeatRule({ decision: "gone", result: "nothing" }, "gone")).toBe("keep");
  expect(repeatRule({ decision: "allow", result: "changed" }, "allow")).toBe("reopen");
  expect(repeatRule({ decision: "allow", result: "changed" }, "gone")).toBe("keep");
});

test("delays between attempts double from one second to five minutes", () => {
  expect([1, 2, 3, 9, 10, 1000].map(retryDelayMs)).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
});
