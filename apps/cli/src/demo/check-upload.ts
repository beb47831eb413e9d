import type { DecisionRecord, Rule } from "@sluice/moderation";
import type { Expectation, SampleUpload } from "./sample-upload.ts";
import type { Place, UploadResult } from "./upload-result.ts";

/** What is not as a careful administrator would want it; empty when all is well. */
export function checkUpload({ upload, decisions, places }: UploadResult): readonly string[] {
  const [newest] = decisions;
  if (newest === undefined) return ["expected one decision, received none"];
  const differences: string[] = [];
  if (decisions.length !== 1) {
    differences.push(`expected one decision, received ${decisions.length}`);
  }
  const { record, effect } = newest;
  const { expected } = upload;
  if (record.decision !== expected.decision) {
    differences.push(`expected the decision ${expected.decision}, received ${record.decision}`);
  }
  const reason = reasonProblem(record, expected);
  if (reason !== null) differences.push(reason);
  if (effect.state !== "done")
    differences.push(`expected its effect to be done, it is ${effect.state}`);
  const place = expectedPlace(upload);
  if (places.length !== 1 || places[0] !== place) {
    differences.push(
      `expected its bytes in ${place} and nowhere else, found in ${places.join(" and ") || "no place"}`,
    );
  }
  return differences;
}

export function expectedPlace({ source, expected }: SampleUpload): Place {
  switch (expected.decision) {
    case "allow":
      return source === "gate" ? "published" : "site";
    case "quarantine":
      return "vault";
    case "review":
      return source === "gate" ? "incoming" : "vault";
    default:
      return expected satisfies never;
  }
}

function reasonProblem(record: DecisionRecord, expected: Expectation): string | null {
  switch (expected.decision) {
    case "allow": {
      if (expected.label === undefined) return null;
      const best = bestLabel(record);
      return best === expected.label
        ? null
        : `expected a picture of ${expected.label}, the models see ${best ?? "nothing"}`;
    }
    case "quarantine":
      return forbiddenProblem(record.rule, expected);
    case "review": {
      const cause = reviewCause(record.rule);
      return cause !== null && expected.because.some((reason) => reason === cause)
        ? null
        : `expected the reason ${expected.because.join(" or ")}, received ${cause ?? record.rule.kind}`;
    }
    default:
      return expected satisfies never;
  }
}

function bestLabel({ classification }: DecisionRecord): string | null {
  if (classification.kind !== "classified") return null;
  return classification.scores[0]?.label ?? null;
}

function forbiddenProblem(
  rule: Rule,
  expected: Extract<Expectation, { decision: "quarantine" }>,
): string | null {
  if (rule.kind !== "forbidden")
    return `expected ${expected.label} to be found, received ${rule.kind}`;
  if (rule.label !== expected.label) return `expected ${expected.label}, received ${rule.label}`;
  if (rule.frame !== expected.frame) {
    return `expected it in frame ${expected.frame ?? "none"}, received ${rule.frame ?? "none"}`;
  }
  return null;
}

function reviewCause(rule: Rule): string | null {
  if (rule.kind === "damaged") return "damaged";
  return rule.kind === "unscannable" ? rule.reason : null;
}
