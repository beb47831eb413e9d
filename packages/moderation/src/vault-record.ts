import {
  objectPathSchema,
  objectVersionSchema,
  rootNameSchema,
  sha256Schema,
} from "@sluice/contracts";
import { z } from "zod";
import { decisionIdSchema, vaultIdSchema } from "./ids.ts";
import { objectAttributesSchema } from "./object-attributes.ts";

/**
 * Where bytes in the vault came from and how they looked there: enough to give them back. Written as a JSON
 * sidecar beside the bytes, so that the vault explains itself without the database.
 */
export const provenanceSchema = z.object({
  v: z.literal(1),
  id: vaultIdSchema,
  decisionId: decisionIdSchema,
  root: rootNameSchema,
  path: objectPathSchema,
  version: objectVersionSchema,
  sha256: sha256Schema,
  sizeBytes: z.number().int().nonnegative(),
  /** Permission bits, 0 to 0o7777. */
  mode: z.number().int().min(0).max(0o7777),
  uid: z.number().int().nonnegative(),
  gid: z.number().int().nonnegative(),
  /** Nanoseconds since 1970 in decimal; too large for a JSON number. */
  mtimeNs: z.string().regex(/^-?\d{1,20}$/u),
  keptAtMs: z.number().int().nonnegative(),
  /** Of an object of a bucket; left out for a file. */
  attributes: objectAttributesSchema.optional(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/**
 * - `taking`: bytes and sidecar are in the vault, the original may still be in its place.
 * - `removing`: the original stands under its private name and is being removed; from here the vault's copy is
 *   the only one and is never dropped, unless the original turns out to be locked in its place.
 * - `quarantined`, `held`, `replaced`: only the vault has it; why, respectively: forbidden, waiting for a person,
 *   an older published file that a newer one replaced.
 * - `restored`: given back; the bytes stay until purged.
 * - `abandoned`: the original changed or vanished before it could be taken; nothing was taken.
 * - `locked`: the original may not be removed and stays where it is; nothing was taken.
 */
export const vaultStateSchema = z.enum([
  "taking",
  "removing",
  "quarantined",
  "held",
  "replaced",
  "restored",
  "abandoned",
  "locked",
]);
export type VaultState = z.infer<typeof vaultStateSchema>;

export interface VaultRecord extends Provenance {
  readonly state: VaultState;
  /** State it has once the original is gone. */
  readonly settlesAs: SettledVaultState;
}
export type SettledVaultState = "quarantined" | "held" | "replaced";

const MOVES: Readonly<Record<VaultState, readonly VaultState[]>> = {
  taking: ["removing", "abandoned"],
  removing: ["quarantined", "held", "replaced", "locked"],
  quarantined: ["restored"],
  held: ["restored", "quarantined"],
  replaced: ["restored"],
  restored: [],
  abandoned: ["taking"],
  locked: ["taking"],
};

/** True for the transitions above; a repeated transition to the same state is allowed, so that resuming is harmless. */
export function mayMove(from: VaultState, to: VaultState): boolean {
  return from === to || MOVES[from].includes(to);
}
