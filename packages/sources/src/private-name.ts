import type { ObjectPath } from "@sluice/contracts";

/**
 * Names that moderation gives to a file for the moments between checking and removing it, and the folder in which it
 * completes a file before that gets its name.
 */
const PRIVATE = /(?:^|\/)\.sluice-(?:e[0-9a-f]{24}$|staging\/)/u;

/** Far longer than moderation takes, and short enough that nothing hides for long. */
const PRIVATE_SETTLE_MS = 60_000;

/**
 * How long an object must be unchanged. A private name passes within milliseconds, and judging what stands under it
 * would give the same content a second decision, so it waits longer. It is not ignored: anybody may give a file
 * such a name, and what stays under it is judged like everything else.
 */
export function settleTimeOf(path: ObjectPath, settleMs: number): number {
  return PRIVATE.test(path) ? Math.max(settleMs, PRIVATE_SETTLE_MS) : settleMs;
}
