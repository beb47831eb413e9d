import type { DecisionRecord } from "./decision-record.ts";
import type { Effect, EffectPlan } from "./effect.ts";
import {
  EffectInProgressError,
  NotInReviewError,
  ObjectChangedError,
  RecordNotFoundError,
  TargetOccupiedError,
} from "./errors.ts";
import { vaultIdOf, type DecisionId } from "./ids.ts";
import {
  runOperatorEffect,
  type OperatorOptions,
  type OperatorOutcome,
  type OperatorRequest,
} from "./operator-effect.ts";

type Answer = Pick<OperatorRequest, "plan" | "vault">;

/**
 * A person lets a held file go: at the gate it is published, in sweep mode it comes back from the vault (or simply
 * stays). Its content is exempt under the same policy from now on.
 * Throws RecordNotFoundError, NotInReviewError, EffectInProgressError, ObjectChangedError, TargetOccupiedError,
 * EffectFailedError.
 */
export async function approveItem(
  id: DecisionId,
  { onConflict, ...options }: OperatorOptions & { readonly onConflict: "hold" | "replace" },
): Promise<OperatorOutcome> {
  const waiting = await findWaiting(id, options);
  const answer = approval(waiting.decision, waiting.effect, onConflict);
  return answerReview({ ...waiting, ...answer, action: "review.approved" }, options);
}

/** A person agrees that a held file is forbidden: it goes to the vault, or stays there. Throws like `approveItem`. */
export async function rejectItem(
  id: DecisionId,
  options: OperatorOptions,
): Promise<OperatorOutcome> {
  const waiting = await findWaiting(id, options);
  const answer = rejection(waiting.effect);
  return answerReview({ ...waiting, ...answer, action: "review.rejected" }, options);
}

interface Waiting {
  readonly decision: DecisionRecord;
  /** Its newest effect; done. */
  readonly effect: Effect;
}

async function findWaiting(id: DecisionId, { records }: OperatorOptions): Promise<Waiting> {
  const decision = await records.findDecision(id);
  const effect = await records.latestEffect(id);
  if (decision === null || effect === null) throw new RecordNotFoundError(id);
  if (effect.result === null) throw new EffectInProgressError(effect.id);
  const vault = await records.findVaultRecord(vaultIdOf(effect.id, "q"));
  const isHeldInVault = effect.result === "vaulted" && vault?.state === "held";
  const isWaiting = ["held", "conflict", "left", "locked"].includes(effect.result) || isHeldInVault;
  if (!isWaiting) throw new NotInReviewError(id, `its last effect ended as ${effect.result}`);
  return { decision, effect };
}

/** What approving means for each way of waiting. */
function approval(
  decision: DecisionRecord,
  effect: Effect,
  onConflict: "hold" | "replace",
): Answer {
  const { plan } = effect;
  switch (plan.kind) {
    case "hold":
      return { plan: { kind: "publish", to: plan.publishTo, onConflict }, vault: null };
    case "publish":
      return { plan: { ...plan, onConflict }, vault: null };
    case "vault": {
      if (effect.result === "locked") return { plan: { kind: "unmark" }, vault: null };
      const { root: toRoot, path: toPath } = decision;
      const vaultId = vaultIdOf(effect.id, "q");
      return { plan: { kind: "restore", vaultId, toRoot, toPath }, vault: null };
    }
    case "none":
      return { plan: { kind: "none", result: "nothing" }, vault: null };
    case "discard":
      throw new NotInReviewError(decision.id, "our copy was removed");
    case "unmark":
      return { plan: { kind: "none", result: "nothing" }, vault: null };
    case "restore":
      throw new NotInReviewError(decision.id, "it was restored");
    default:
      return plan satisfies never;
  }
}

function rejection(effect: Effect): Answer {
  const isInVault = effect.plan.kind === "vault" && effect.result !== "locked";
  const plan: EffectPlan = isInVault
    ? { kind: "none", result: "nothing" }
    : { kind: "vault", as: "quarantined" };
  const vault = isInVault
    ? ({ id: vaultIdOf(effect.id, "q"), state: "quarantined" } as const)
    : null;
  return { plan, vault };
}

async function answerReview(
  request: Waiting & Answer & { readonly action: string },
  options: OperatorOptions,
): Promise<OperatorOutcome> {
  const { decision, action } = request;
  // A file that was only held for its name is allowed already.
  const isExempting = action === "review.approved" && decision.decision !== "allow";
  const outcome = await runOperatorEffect({ ...request, isExempting }, options);
  const { result } = outcome;
  const object = `${decision.root}:${decision.path}`;
  if (result === "changed" || result === "gone") throw new ObjectChangedError(object, result);
  if (result === "refused")
    throw new TargetOccupiedError(object, "Move it away, or restore elsewhere with --to PATH.");
  if (result === "conflict")
    throw new TargetOccupiedError(
      `the published path of ${object}`,
      "Move it away, or approve with --replace: the older file then goes to the vault.",
    );
  return outcome;
}
