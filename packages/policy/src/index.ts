export { decide, type Decided, type DecisionContext } from "./decide.ts";
export { policyDigest } from "./policy-digest.ts";
export {
  policyActionSchema,
  policySchema,
  unscannableAction,
  type ForbiddenRule,
  type Policy,
  type PolicyAction,
} from "./policy-schema.ts";
export { decisionSchema, ruleSchema, type Decision, type Rule } from "./rule.ts";
