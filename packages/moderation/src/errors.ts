import type { EffectId } from "./ids.ts";

/** The operator named a decision or a vault record that does not exist. */
export class RecordNotFoundError extends Error {
  override readonly name = "RecordNotFoundError";
  readonly code = "RECORD_NOT_FOUND";
  readonly retryable = false;
  readonly exitCode = 1;
  constructor(id: string) {
    super(
      `There is no record ${JSON.stringify(id)}. Ids are listed by "sluice decisions" and "sluice quarantine list".`,
    );
  }
}

/** Another effect of the same decision is under way, or failed and is being retried. */
export class EffectInProgressError extends Error {
  override readonly name = "EffectInProgressError";
  readonly code = "EFFECT_IN_PROGRESS";
  readonly retryable = true;
  readonly exitCode = 75;
  constructor(id: EffectId) {
    super(`Effect ${id} of this decision is not finished yet. Wait for it, then try again.`);
  }
}

/** Approve or reject was asked for something that does not wait for a person. */
export class NotInReviewError extends Error {
  override readonly name = "NotInReviewError";
  readonly code = "NOT_IN_REVIEW";
  readonly retryable = false;
  readonly exitCode = 1;
  constructor(id: string, found: string) {
    super(`${id} does not wait for review: ${found}.`);
  }
}

/** Restore was asked for bytes that are not held in the vault: given back before, or never taken. */
export class NotInVaultError extends Error {
  override readonly name = "NotInVaultError";
  readonly code = "NOT_IN_VAULT";
  readonly retryable = false;
  readonly exitCode = 1;
  constructor(id: string, state: string) {
    super(`${id} cannot be restored: its state is ${JSON.stringify(state)}.`);
  }
}

/** A restore or an approval would overwrite a file. Nothing was changed. */
export class TargetOccupiedError extends Error {
  override readonly name = "TargetOccupiedError";
  readonly code = "TARGET_OCCUPIED";
  readonly retryable = false;
  readonly exitCode = 1;
  constructor(target: string, remedy: string) {
    super(`A file already lies at ${target}; it was not touched. ${remedy}`);
  }
}

/** The file that was to be approved or rejected is not there any more in the version that was judged. */
export class ObjectChangedError extends Error {
  override readonly name = "ObjectChangedError";
  readonly code = "OBJECT_CHANGED";
  readonly retryable = false;
  readonly exitCode = 1;
  constructor(object: string, how: "changed" | "gone") {
    super(
      how === "gone"
        ? `${object} is not there any more; nothing was done.`
        : `${object} has changed since it was judged; nothing was done. The new version has its own decision.`,
    );
  }
}

/** The effect failed for a reason outside (disk full, permission); moderation retries it. */
export class EffectFailedError extends Error {
  override readonly name = "EffectFailedError";
  readonly code = "EFFECT_FAILED";
  readonly retryable = true;
  readonly exitCode = 75;
  constructor(id: EffectId, reason: string) {
    super(
      `Effect ${id} failed: ${reason}. It is recorded; a running moderation process retries it.`,
    );
  }
}

/** A verdict names a policy that this process's configuration does not have. */
export class PolicyUnknownError extends Error {
  override readonly name = "PolicyUnknownError";
  readonly code = "POLICY_UNKNOWN";
  readonly retryable = true;
  readonly exitCode = 78;
  constructor(policy: string, known: readonly string[]) {
    super(
      `A verdict names the policy ${JSON.stringify(policy)}, but "policies" has only ${JSON.stringify(known)}. ` +
        "Give ingest and moderation the same configuration; the verdict waits.",
    );
  }
}

/** A record was asked to go from one state to another that the state machine does not allow: a bug. */
export class IllegalTransitionError extends Error {
  override readonly name = "IllegalTransitionError";
  readonly code = "ERR_ILLEGAL_TRANSITION";
  readonly retryable = false;
  constructor(id: string, from: string, to: string) {
    super(`${id} must not go from ${from} to ${to}.`);
  }
}
