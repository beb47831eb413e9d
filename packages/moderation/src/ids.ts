import { z } from "zod";

/**
 * Twenty-four lower-case hexadecimal digits: twelve of the time in milliseconds, so that ids sort by time, and
 * twelve random ones, so that nobody can guess the private file names that are made from them.
 */
export type TokenSource = () => string;

export const decisionIdSchema = z
  .string()
  .regex(/^d[0-9a-f]{24}$/u, "expected a decision id: d and 24 hexadecimal digits")
  .brand<"DecisionId">();
export type DecisionId = z.infer<typeof decisionIdSchema>;

export const effectIdSchema = z
  .string()
  .regex(/^e[0-9a-f]{24}$/u, "expected an effect id: e and 24 hexadecimal digits")
  .brand<"EffectId">();
export type EffectId = z.infer<typeof effectIdSchema>;

/** `q`: taken because of a decision about it. `r`: an older published file that a newer one replaced. */
export const vaultIdSchema = z
  .string()
  .regex(/^[qr][0-9a-f]{24}$/u, "expected a vault id: q or r and 24 hexadecimal digits")
  .brand<"VaultId">();
export type VaultId = z.infer<typeof vaultIdSchema>;

export function newDecisionId(nextToken: TokenSource): DecisionId {
  return decisionIdSchema.parse(`d${nextToken()}`);
}

export function newEffectId(nextToken: TokenSource): EffectId {
  return effectIdSchema.parse(`e${nextToken()}`);
}

/** The vault record that an effect makes; derived, so that a resumed effect finds what it began. */
export function vaultIdOf(effect: EffectId, kind: "q" | "r"): VaultId {
  return vaultIdSchema.parse(`${kind}${effect.slice(1)}`);
}
