import type { ObjectPath, ObjectVersion, RootName, Sha256 } from "@sluice/contracts";
import type { DecisionId, VaultId } from "./ids.ts";
import type { Provenance } from "./vault-record.ts";

export interface KeepRequest {
  readonly id: VaultId;
  readonly decisionId: DecisionId;
  readonly root: RootName;
  readonly path: ObjectPath;
  /** Only this version is taken. */
  readonly version: ObjectVersion;
  /** Its bytes must have this hash; null where the classifier could not read them. */
  readonly sha256: Sha256 | null;
  readonly atMs: number;
}

export type KeepResult =
  | { readonly kind: "kept"; readonly provenance: Provenance }
  | { readonly kind: "changed" | "gone" };

/**
 * Port to the place that keeps quarantined bytes, by their hash. Every method may be repeated after a crash in
 * any of its steps.
 */
export interface Vault {
  /** Makes the vault's own copy of an object, with its sidecar, durable on return. The original stays. */
  keep(request: KeepRequest): Promise<KeepResult>;
  /** Throws VaultDamagedError unless bytes and sidecar are both there; asked before an original is removed. */
  confirm(provenance: Provenance): Promise<void>;
  /** Forgets one record's claim; the bytes go when no other record claims them. Only for what was never taken. */
  discard(provenance: Provenance): Promise<void>;
}
