import type { ObjectPath, RootName } from "@sluice/contracts";
import { NotInVaultError, RecordNotFoundError, TargetOccupiedError } from "./errors.ts";
import type { VaultId } from "./ids.ts";
import {
  runOperatorEffect,
  type OperatorOptions,
  type OperatorOutcome,
} from "./operator-effect.ts";
import type { SettledVaultState, VaultState } from "./vault-record.ts";

const RESTORABLE: readonly VaultState[] = [
  "quarantined",
  "held",
  "replaced",
] satisfies SettledVaultState[];

/**
 * Gives bytes in the vault back, by default to where they came from, and exempts their content under the policy
 * that took them, so that they are not taken again.
 * Throws RecordNotFoundError, NotInVaultError, TargetOccupiedError, EffectInProgressError, EffectFailedError.
 */
export async function restoreItem(
  request: {
    readonly id: VaultId;
    /** Null: where it came from. */
    readonly to: { readonly root: RootName; readonly path: ObjectPath } | null;
  },
  options: OperatorOptions,
): Promise<OperatorOutcome> {
  const record = await options.records.findVaultRecord(request.id);
  if (record === null) throw new RecordNotFoundError(request.id);
  if (!RESTORABLE.includes(record.state)) throw new NotInVaultError(request.id, record.state);
  const decision = await options.records.findDecision(record.decisionId);
  if (decision === null) throw new RecordNotFoundError(record.decisionId);
  const target = request.to ?? record;
  const outcome = await runOperatorEffect(
    {
      decision,
      action: "vault.restored",
      plan: { kind: "restore", vaultId: record.id, toRoot: target.root, toPath: target.path },
      // An older published file was taken for its name, not for its content: there is nothing to exempt.
      isExempting: record.id.startsWith("q"),
      vault: null,
    },
    options,
  );
  if (outcome.result === "refused")
    throw new TargetOccupiedError(
      `${target.root}:${target.path}`,
      "Move it away, or restore to another place with --to PATH.",
    );
  return outcome;
}
