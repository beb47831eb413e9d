import type { KeepRequest } from "./vault.ts";
import type { RootName } from "@sluice/contracts";
import type { ObjectAttributes } from "./object-attributes.ts";
import type { Provenance } from "./vault-record.ts";

/** An object opened in the version that was asked for, on its way into the vault. */
export interface OpenedObject {
  readonly kind: "open";
  /** Exactly the version's bytes; ends with an error when they are not all there. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  readonly attributes: ObjectAttributes;
}

/** Port to roots that are no folders, for the vault to copy from. Whoever opens an object reads it to its end. */
export interface StoredObjects {
  readonly roots: ReadonlySet<RootName>;
  open(
    request: Pick<KeepRequest, "root" | "path" | "version">,
  ): Promise<OpenedObject | { readonly kind: "changed" | "gone" }>;
}

/** Port to the vault's bytes, for giving them back to such roots. */
export interface VaultBytes {
  /** The last of them come only when the hash of all is right; throws VaultDamagedError otherwise. */
  read(provenance: Provenance): AsyncIterable<Uint8Array>;
}
