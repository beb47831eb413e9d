import type { Sha256 } from "@sluice/contracts";
import type { DecisionRecord } from "./decision-record.ts";
import type { Effect, EffectPlan, EffectResult } from "./effect.ts";
import type { DecisionId, EffectId, VaultId } from "./ids.ts";
import type { VaultRecord, VaultState } from "./vault-record.ts";

export interface NewDecision {
  readonly record: DecisionRecord;
  readonly effectId: EffectId;
  readonly plan: EffectPlan;
}

/** An effect that a person asked for. */
export interface NewEffect {
  readonly id: EffectId;
  readonly decisionId: DecisionId;
  readonly plan: EffectPlan;
  readonly actor: string;
  readonly atMs: number;
  /** For the log of actions, for example `review.approved`. */
  readonly action: string;
  /** Content that this policy shall allow from now on. */
  readonly exempt: { readonly sha256: Sha256; readonly policyDigest: Sha256 } | null;
  /** State that a vault record takes together with it. */
  readonly vault: { readonly id: VaultId; readonly state: VaultState } | null;
}

/** The effect of a decision, as `record` found or made it. */
export interface RecordedEffect {
  readonly effect: Effect;
  /** False when another living process carries it out. */
  readonly isOurs: boolean;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly nextAttemptAtMs: number;
}

/**
 * Port to the durable records. Every call is one transaction that is on disk when the promise resolves.
 * Calls throw when the store is unavailable; nothing is half written then.
 */
export interface ModerationRecords {
  /**
   * Writes decisions with their effects, exactly one per root, path, version and policy digest, and claims the
   * effects for this process, also those that a process which died has left. Gives the effect of each in order: the
   * new one, or that of the decision that was already there (see `repeat-rule.ts` for the two cases in which a repeat
   * changes something).
   */
  record(decisions: readonly NewDecision[], atMs: number): Promise<readonly RecordedEffect[]>;
  /** Those of `contents` that a person has exempted from this policy. */
  exemptAmong(policyDigest: Sha256, contents: readonly Sha256[]): Promise<ReadonlySet<Sha256>>;
  /** Begins an operator's effect. Throws EffectInProgressError when the decision has one that is not done. */
  begin(effect: NewEffect): Promise<Effect>;
  /**
   * Claims effects that are not done and belong to this process or to one that is no longer alive, oldest first.
   * `dueAtMs`: only those whose next attempt is due then; null: all.
   */
  takeOver(options: {
    readonly dueAtMs: number | null;
    readonly limit: number;
  }): Promise<readonly Effect[]>;
  /** Tells that this process still works on what it has claimed; to be called every few seconds. */
  renewClaims(): Promise<void>;
  markPlaced(effect: EffectId): Promise<void>;
  finish(
    effect: EffectId,
    result: EffectResult,
    options: {
      readonly atMs: number;
      readonly vault: { readonly id: VaultId; readonly state: VaultState } | null;
    },
  ): Promise<void>;
  postpone(effect: EffectId, failure: Failure): Promise<void>;
  findVaultRecord(id: VaultId): Promise<VaultRecord | null>;
  /** Writes a new record, or one that was abandoned before, as `taking`. */
  addVaultRecord(record: VaultRecord): Promise<void>;
  /** Throws when `mayMove` forbids the transition. */
  moveVaultRecord(id: VaultId, to: VaultState): Promise<void>;
  findDecision(id: DecisionId): Promise<DecisionRecord | null>;
  findEffect(id: EffectId): Promise<Effect | null>;
  /** The newest effect of a decision. */
  latestEffect(id: DecisionId): Promise<Effect | null>;
}
