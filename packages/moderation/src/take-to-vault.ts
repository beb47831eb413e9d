import type { ObjectPath, ObjectVersion, RootName, Sha256 } from "@sluice/contracts";
import type { DecisionId, VaultId } from "./ids.ts";
import type { Originals } from "./originals.ts";
import type { ModerationRecords } from "./records.ts";
import type { OnStep } from "./steps.ts";
import type { SettledVaultState, VaultRecord } from "./vault-record.ts";
import type { Vault } from "./vault.ts";

export interface TakeRequest {
  readonly id: VaultId;
  readonly decisionId: DecisionId;
  readonly root: RootName;
  readonly path: ObjectPath;
  readonly version: ObjectVersion;
  readonly sha256: Sha256 | null;
  readonly as: SettledVaultState;
}

interface TakePorts {
  readonly records: ModerationRecords;
  readonly vault: Vault;
  readonly originals: Originals;
  readonly now: () => number;
  readonly onStep: OnStep;
}

/**
 * Moves an object into the vault. May be called again after a crash anywhere and goes on where the record says:
 *
 *     (none) ── bytes and sidecar in the vault ──▶ taking ── original set aside ──▶ removing ── removed ──▶ taken
 *                                                    └── original changed or gone ──▶ abandoned
 *
 * An original that may not be removed goes from `removing` to `locked`: it stays, and the vault drops its copy.
 *
 * Until `removing` the original is a file that others may still use, and the vault's copy may be dropped. From
 * `removing` on the vault's copy is the only one. The caller records `request.as`, with its own last step.
 */
export async function takeToVault(
  request: TakeRequest,
  ports: TakePorts,
): Promise<"taken" | "changed" | "gone" | "locked"> {
  const known = await ports.records.findVaultRecord(request.id);
  let record: VaultRecord;
  if (known === null || known.state === "abandoned" || known.state === "locked") {
    const kept = await ports.vault.keep({ ...request, atMs: ports.now() });
    if (kept.kind !== "kept") return kept.kind;
    record = { ...kept.provenance, state: "taking", settlesAs: request.as };
    await ports.records.addVaultRecord(record);
    ports.onStep("record.taking");
  } else {
    record = known;
  }
  if (record.state === "taking") {
    const outcome = await setAside(record, ports);
    if (outcome !== "aside") return outcome;
  }
  // Whatever this finds, the bytes are ours: a crash may have come after the removal, and a power loss may have
  // undone the renaming.
  const removed = await ports.originals.remove(originalOf(record));
  return removed === "locked" ? await giveUp(record, ports) : "taken";
}

/** The original stays where it is, so the vault's copy is not the only one. Recorded first: the record must not claim bytes that are gone. */
async function giveUp(
  record: VaultRecord,
  { records, vault, originals }: TakePorts,
): Promise<"locked"> {
  await originals.mark(originalOf(record));
  await records.moveVaultRecord(record.id, "locked");
  await vault.discard(record);
  return "locked";
}

async function setAside(
  record: VaultRecord,
  { records, vault, originals, onStep }: TakePorts,
): Promise<"aside" | "changed" | "gone"> {
  // Asked anew because the record may be from before a crash, and the original is about to go.
  await vault.confirm(record);
  const outcome = await originals.setAside(originalOf(record));
  if (outcome === "aside") {
    await records.moveVaultRecord(record.id, "removing");
    onStep("record.removing");
    return outcome;
  }
  await vault.discard(record);
  await records.moveVaultRecord(record.id, "abandoned");
  return outcome;
}

function originalOf(record: VaultRecord) {
  return { root: record.root, path: record.path, version: record.version, token: record.id };
}
