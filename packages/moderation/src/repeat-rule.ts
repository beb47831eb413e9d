import type { Decision } from "@sluice/policy";
import type { EffectResult } from "./effect.ts";

export type RepeatRule = "keep" | "supersede" | "reopen";

/**
 * What a second verdict on the same root, path, version and policy digest does.
 *
 * - `supersede`: the first said `gone` (a mount was away) but the object is there after all. The new decision
 *   takes the place of the old, so that there is still exactly one.
 * - `reopen`: the object was judged, but was away or different in the moment of the effect; it has been read again
 *   in this very version, so the effect is tried again.
 * - `keep`: everything else; repeated delivery changes nothing.
 */
export function repeatRule(
  existing: { readonly decision: Decision; readonly result: EffectResult | null },
  incoming: Decision,
): RepeatRule {
  if (incoming === "gone") return "keep";
  if (existing.decision === "gone") return "supersede";
  return existing.result === "gone" || existing.result === "changed" ? "reopen" : "keep";
}
