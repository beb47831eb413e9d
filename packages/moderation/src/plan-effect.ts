import type { Decision, Policy, PolicyAction } from "@sluice/policy";
import type { EffectPlan } from "./effect.ts";

/** What a decision means in the world under a policy's mode. */
export function planEffect(policy: Policy, decision: Decision): EffectPlan {
  if (decision === "gone") return { kind: "none", result: "nothing" };
  switch (policy.mode) {
    case "gate":
      return planAtGate(policy, decision);
    case "sweep":
      return planSweep(policy, decision);
    case "answer":
      return planAnswered(policy, decision);
    default:
      return policy satisfies never;
  }
}

type GatePolicy = Extract<Policy, { mode: "gate" }>;
type SweepPolicy = Extract<Policy, { mode: "sweep" }>;
type AnswerPolicy = Extract<Policy, { mode: "answer" }>;

function planAtGate(policy: GatePolicy, decision: PolicyAction): EffectPlan {
  switch (decision) {
    case "allow":
      return { kind: "publish", to: policy.publishTo, onConflict: policy.onConflict };
    case "review":
      return { kind: "hold", publishTo: policy.publishTo };
    case "quarantine":
      return { kind: "vault", as: "quarantined" };
    default:
      return decision satisfies never;
  }
}

function planSweep(policy: SweepPolicy, decision: PolicyAction): EffectPlan {
  switch (decision) {
    case "allow":
      return { kind: "none", result: "nothing" };
    case "review":
      return policy.onReview === "hold"
        ? { kind: "vault", as: "held" }
        : { kind: "none", result: "left" };
    case "quarantine":
      return { kind: "vault", as: "quarantined" };
    default:
      return decision satisfies never;
  }
}

/** The upload is somebody else's; only our copy is to go somewhere. */
function planAnswered({ keep }: AnswerPolicy, decision: PolicyAction): EffectPlan {
  if (decision === "allow" || keep === "nothing") return { kind: "discard" };
  return { kind: "vault", as: decision === "review" ? "held" : "quarantined" };
}
