export {
  policyActionSchema,
  policySchema,
  unscannableAction,
  type ForbiddenRule,
  type Policy,
  type PolicyAction,
} from "./policy-schema.ts";
