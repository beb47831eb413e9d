import {
  classificationSchema,
  ensembleInfoSchema,
  unscannableReasonSchema,
  type Classification,
  type EnsembleInfo,
} from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Decided } from "./decide.ts";
import { policySchema, type Policy } from "./policy-schema.ts";

const SHA = "a".repeat(64);
const LABELS = ["target", "cat", "dog"];
const ensemble: EnsembleInfo = ensembleInfoSchema.parse({
  v: 1,
  name: "default",
  digest: SHA,
  labels: LABELS,
  scoreFloor: 0.01,
  members: [{ model: "m", digest: SHA, weight: 1 }],
});
const known = { ensemble, isExempt: false };

function policy(rules: object = {}): Policy {
  const forbidden = [{ label: "target", quarantine: 0.5, review: 0.2 }];
  return policySchema.parse({ mode: "gate", publishTo: "published", forbidden, ...rules });
}

/** Bypasses the schema on purpose: `decide` must not trust that scores are numbers from 0 to 1. */
function classified(scores: readonly object[], isDamaged = false): Classification {
  const base = { kind: "classified", sha256: SHA, sizeBytes: 1, format: "jpeg" };
  const pixels = { width: 1, height: 1, frames: 1, isDamaged, members: [] };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that is the point
  return { ...base, ...pixels, scores } as unknown as Classification;
}

const score = (value: number, label = "target", more: object = {}) => ({
  label,
  classId: LABELS.indexOf(label),
  score: value,
  ...more,
});

describe("a forbidden label", () => {
  test.each([
    [0.5, "quarantine"],
    [0.49, "review"],
    [0.2, "review"],
    [0.19, "allow"],
  ])("with score %d gives %s", (value, decision) => {
    expect(decide(policy(), classified([score(value)]), known).decision).toBe(decision);
  });

  test("is named with threshold, score and the frame that scored highest", () => {
    const { rule } = decide(policy(), classified([score(0.7, "target", { frame: 2 })]), known);
    expect(rule).toEqual({
      kind: "forbidden",
      level: "quarantine",
      label: "target",
      classId: 0,
      threshold: 0.5,
      score: 0.7,
      frame: 2,
    });
  });

  test("may be given by class id", () => {
    const byId = policy({ forbidden: [{ classId: 2, review: 0.3 }] });
    expect(decide(byId, classified([score(0.4, "dog")]), known).decision).toBe("review");
  });

  test("that the ensemble does not know makes every image wait for a person", () => {
    const rules = policy({ forbidden: [{ label: "targte", quarantine: 0.5 }] });
    const { decision, rule } = decide(rules, classified([score(0.1)]), known);
    expect([decision, rule]).toEqual(["review", { kind: "unknown-label", label: "targte" }]);
    const byId = policy({ forbidden: [{ classId: 3, quarantine: 0.5 }] });
    expect(decide(byId, classified([score(0.1)]), known).rule.kind).toBe("unknown-label");
  });

  test("with a threshold below the score floor makes every image wait for a person", () => {
    const rules = policy({ forbidden: [{ label: "target", review: 0.005 }] });
    const { decision, rule } = decide(rules, classified([score(0.9, "cat")]), known);
    expect([decision, rule.kind]).toEqual(["review", "threshold-below-floor"]);
  });

  test("is quarantined for its score also where another rule is unusable", () => {
    const forbidden = [
      { label: "nothing", review: 0.5 },
      { label: "target", quarantine: 0.5 },
    ];
    const { decision, fired } = decide(policy({ forbidden }), classified([score(0.9)]), known);
    expect(decision).toBe("quarantine");
    expect(fired.map(({ kind }) => kind)).toEqual(["forbidden", "unknown-label"]);
  });
});

describe("what cannot be judged is never allowed", () => {
  test.each([
    ["no ensemble is known", classified([score(0.1)]), { ensemble: null, isExempt: false }],
    ["there are no scores", classified([]), known],
    ["a score is NaN", classified([score(Number.NaN)]), known],
    ["another label's score is NaN", classified([score(0.1), score(Number.NaN, "cat")]), known],
    ["a score is missing", classified([{ label: "target", classId: 0 }]), known],
    ["a score is above 1", classified([score(1.5, "cat")]), known],
    ["a score is negative", classified([score(-0.5, "cat")]), known],
  ])("%s", (_, classification, context) => {
    expect(decide(policy(), classification, context).decision).toBe("review");
  });
});

describe("an image that left a cascade early", () => {
  const thresholds = [{ label: "target", classId: 0, threshold: 0.5 }];
  const tuned = { ensemble: { ...ensemble, cascade: { thresholds } }, isExempt: false };
  const left = (stage: number, value = 0.01) => ({
    ...classified([score(value)]),
    cascade: { stage, stages: 3 },
  });
  const at = (forbidden: readonly object[], stage = 1, value = 0.01, context = tuned) =>
    decide(policy({ forbidden }), left(stage, value), context);

  test("is decided by the thresholds that the cascade was tuned for, named by label or class id", () => {
    expect(at([{ label: "target", quarantine: 0.5 }]).decision).toBe("allow");
    expect(at([{ classId: 0, review: 0.5 }]).decision).toBe("allow");
    expect(at([{ label: "target", quarantine: 0.5 }], 1, 0.99).decision).toBe("quarantine");
  });

  test("waits for a person where the policy has any other threshold or label", () => {
    const rule = { kind: "left-early", label: "target", threshold: 0.4, stage: 1, stages: 3 };
    const other = at([{ label: "target", quarantine: 0.5, review: 0.4 }]);
    expect([other.decision, other.rule]).toEqual(["review", rule]);
    expect(at([{ label: "cat", quarantine: 0.5 }]).decision).toBe("review");
    expect(at([{ classId: 2, review: 0.5 }], 2).decision).toBe("review");
    const forgotten = { ensemble: { ...ensemble, cascade: { thresholds: [] } }, isExempt: false };
    expect(at([{ label: "target", review: 0.5 }], 1, 0.01, forgotten).decision).toBe("review");
    expect(decide(policy(), left(1), known).rule.kind).toBe("left-early");
  });

  test("is judged as any other when all members saw it", () => {
    expect(at([{ label: "cat", quarantine: 0.7 }], 3).decision).toBe("allow");
  });
});

describe("damaged and unscannable images", () => {
  test("damaged means at least what the policy says", () => {
    const at = (damaged: string, value: number) =>
      decide(policy({ damaged }), classified([score(value)], true), known).decision;
    expect([at("allow", 0.1), at("review", 0.1), at("quarantine", 0.1)]).toEqual([
      "allow",
      "review",
      "quarantine",
    ]);
    expect([at("allow", 0.9), at("review", 0.9)]).toEqual(["quarantine", "quarantine"]);
  });

  test("an animation of which some frames were not looked at means at least what the policy says", () => {
    const animation = (framesSeen: number | undefined) => ({
      ...classified([score(0.1)]),
      frames: 9,
      ...(framesSeen !== undefined && { framesSeen }),
    });
    expect(decide(policy(), animation(8), known)).toMatchObject({
      decision: "review",
      rule: { kind: "unseen-frames", seen: 8, frames: 9 },
    });
    expect(decide(policy({ unseenFrames: "allow" }), animation(8), known).decision).toBe("allow");
    for (const whole of [9, undefined]) {
      expect(decide(policy(), animation(whole), known).decision).toBe("allow");
    }
  });

  test("a model that fails never allows, whatever the policy says", () => {
    const image = classificationSchema.parse({
      kind: "unscannable",
      reason: "model-failure",
      detail: "a member gave numbers that are no probabilities (NaN or out of range)",
    });
    const lax = policy({ unscannable: { default: "allow" } });
    expect(decide(lax, image, known).decision).toBe("review");
    const strict = policy({ unscannable: { default: "allow", "model-failure": "quarantine" } });
    expect(decide(strict, image, known).decision).toBe("quarantine");
    expect(() => policy({ unscannable: { "model-failure": "allow" } })).toThrow(
      /expected review or quarantine/u,
    );
  });

  test("each reason has its own action, with a default of review", () => {
    const rules = policy({ unscannable: { empty: "quarantine", "codec-missing": "allow" } });
    const why = (reason: string) =>
      decide(rules, classificationSchema.parse({ kind: "unscannable", reason, detail: "" }), known);
    expect(why("empty").decision).toBe("quarantine");
    expect(why("codec-missing").decision).toBe("allow");
    expect(why("timeout")).toMatchObject({
      decision: "review",
      rule: { kind: "unscannable", reason: "timeout" },
    });
  });
});

test("exempt content is allowed whatever it scores, and gone is gone", () => {
  const exempt = { ensemble, isExempt: true };
  expect(decide(policy(), classified([score(1)]), exempt)).toMatchObject({
    decision: "allow",
    rule: { kind: "exemption" },
  });
  const gone = classificationSchema.parse({ kind: "gone", reason: "missing" });
  expect(decide(policy(), gone, exempt).decision).toBe("gone");
});

const STRENGTH = { allow: 0, review: 1, quarantine: 2, gone: -1 };
const strength = ({ decision }: Decided) => STRENGTH[decision];
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const anyPolicy = fc
  .array(
    fc.record({
      label: fc.constantFrom(...LABELS, "unknown"),
      low: unit,
      high: unit,
      both: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((rules) =>
    policy({
      forbidden: rules.map(({ label, low, high, both }) => ({
        label,
        quarantine: Math.max(low, high, 1e-6),
        ...(both ? { review: Math.max(Math.min(low, high), 1e-6) } : {}),
      })),
    }),
  );

describe("for every policy", () => {
  test("raising a score never weakens the decision", () => {
    fc.assert(
      fc.property(anyPolicy, unit, unit, unit, fc.boolean(), (rules, cat, a, b, isDamaged) => {
        const at = (value: number) =>
          decide(rules, classified([score(value), score(cat, "cat")], isDamaged), known);
        expect(strength(at(Math.max(a, b)))).toBeGreaterThanOrEqual(strength(at(Math.min(a, b))));
      }),
    );
  });

  test("one more forbidden label never weakens the decision", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, unit, (one, other, value) => {
        const both = policySchema.parse({
          ...one,
          forbidden: [...one.forbidden, ...other.forbidden],
        });
        const image = classified([score(value)]);
        const [weaker, stronger] = [decide(one, image, known), decide(both, image, known)];
        expect(strength(stronger)).toBeGreaterThanOrEqual(strength(weaker));
      }),
    );
  });

  test("unscannable is never allowed unless the policy says so", () => {
    const reasons = fc.constantFrom(...unscannableReasonSchema.options);
    fc.assert(
      fc.property(anyPolicy, reasons, (rules, reason) => {
        const image = classificationSchema.parse({ kind: "unscannable", reason, detail: "" });
        expect(decide(rules, image, known).decision).toBe("review");
      }),
    );
  });

  test("the deciding rule is among those that fired", () => {
    fc.assert(
      fc.property(anyPolicy, unit, (rules, value) => {
        const { rule, fired } = decide(rules, classified([score(value)]), known);
        expect(fired).toContainEqual(rule);
      }),
    );
  });
});
