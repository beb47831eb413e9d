import { createHash } from "node:crypto";
import { sha256Schema, unscannableReasonSchema, type Sha256 } from "@sluice/contracts";
import { unscannableAction, type ForbiddenRule, type Policy } from "./policy-schema.ts";

/**
 * Identity of what a policy decides. Two policies with the same digest give every classification the same
 * decision; order of rules and defaults written out or left out make no difference. Where files are published and
 * what a conflict does is not part of it, so changing that neither re-decides anything nor voids an exemption.
 */
export function policyDigest(policy: Policy): Sha256 {
  const forbidden = policy.forbidden.map(canonicalRule).sort();
  const unscannable = unscannableReasonSchema.options.map((reason) => [
    reason,
    unscannableAction(policy, reason),
  ]);
  // The default stands for itself: policies from before there was such a setting keep their digest.
  const unseen = policy.unseenFrames === "review" ? [] : [{ unseenFrames: policy.unseenFrames }];
  const text = JSON.stringify(["policy/1", forbidden, unscannable, policy.damaged, ...unseen]);
  return sha256Schema.parse(createHash("sha256").update(text).digest("hex"));
}

function canonicalRule(rule: ForbiddenRule): string {
  const { label, classId, quarantine, review } = rule;
  return JSON.stringify([label ?? null, classId ?? null, quarantine ?? null, review ?? null]);
}
