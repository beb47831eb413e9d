export { contentOf, type DecisionRecord } from "./decision-record.ts";
export {
  effectPlanSchema,
  effectResultSchema,
  effectStateSchema,
  immediateResult,
  type Effect,
  type EffectPlan,
  type EffectResult,
  type EffectState,
} from "./effect.ts";
export type { EffectPorts } from "./carry-out.ts";
export { EffectRunner, type EffectOutcome, type EffectRunnerOptions } from "./effect-runner.ts";
export {
  EffectFailedError,
  EffectInProgressError,
  IllegalTransitionError,
  NotInReviewError,
  NotInVaultError,
  ObjectChangedError,
  PolicyUnknownError,
  RecordNotFoundError,
  TargetOccupiedError,
} from "./errors.ts";
export type { ModerationEvents } from "./events.ts";
export {
  decisionIdSchema,
  effectIdSchema,
  newDecisionId,
  newEffectId,
  vaultIdOf,
  vaultIdSchema,
  type DecisionId,
  type EffectId,
  type TokenSource,
  type VaultId,
} from "./ids.ts";
export { objectAttributesSchema, type ObjectAttributes } from "./object-attributes.ts";
export type { OperatorOptions, OperatorOutcome } from "./operator-effect.ts";
export type { Original, Originals } from "./originals.ts";
export type { Conflict, Places, PlaceResult, PublishRequest, RestoreRequest } from "./places.ts";
export type {
  Failure,
  ModerationRecords,
  NewDecision,
  NewEffect,
  RecordedEffect,
} from "./records.ts";
export { repeatRule } from "./repeat-rule.ts";
export { restoreItem } from "./restore-item.ts";
export { resumeEffects, retryEffects, type RetryEffectsOptions } from "./retry-effects.ts";
export { approveItem, rejectItem } from "./review-item.ts";
export {
  settleVerdict,
  type EnsembleDirectory,
  type SettleVerdictOptions,
} from "./settle-verdict.ts";
export type { OpenedObject, StoredObjects, VaultBytes } from "./stored-objects.ts";
export { STEPS, type OnStep, type StepName } from "./steps.ts";
export {
  mayMove,
  provenanceSchema,
  vaultStateSchema,
  type Provenance,
  type SettledVaultState,
  type VaultRecord,
  type VaultState,
} from "./vault-record.ts";
export type { KeepRequest, KeepResult, Vault } from "./vault.ts";
export { decisionSchema, ruleSchema, type Decision, type Rule } from "@sluice/policy";
