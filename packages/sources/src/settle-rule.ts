import type { ObjectVersion } from "@sluice/contracts";

/** What one look at an object showed. Times are Unix milliseconds. */
export interface Look {
  readonly version: ObjectVersion;
  /** The later of content change and attribute change, by the clock of the file system. */
  readonly changedAtMs: number;
  /** By our clock. */
  readonly lookedAtMs: number;
}

export type SettleVerdict =
  | { readonly kind: "settled" }
  | { readonly kind: "young"; readonly lookAgainAtMs: number };

/**
 * Whether an object has settled: nobody seems to be writing to it any more. There is no event for "the
 * writer has closed the file", so quiet time has to stand for it.
 *
 * - Never seen young: settled when its last change is at least `settleMs` ago.
 * - Seen young before (`previous`, the first look at its latest version): settled when that long has passed
 *   and the version is the same; a version that differs starts the wait again, from now.
 * - A change time that lies in the future (a clock that is wrong, a time set by hand) counts from our own
 *   first look, so that such an object waits `settleMs` like any other and not for years.
 */
export function judgeSettled({
  look,
  previous,
  settleMs,
}: {
  readonly look: Look;
  readonly previous: Look | null;
  readonly settleMs: number;
}): SettleVerdict {
  const quietSinceMs = quietSince(look, previous);
  if (look.lookedAtMs - quietSinceMs >= settleMs) return { kind: "settled" };
  return { kind: "young", lookAgainAtMs: quietSinceMs + settleMs };
}

function quietSince(look: Look, previous: Look | null): number {
  if (previous === null) return Math.min(look.changedAtMs, look.lookedAtMs);
  if (previous.version !== look.version) return look.lookedAtMs;
  return Math.min(look.changedAtMs, previous.lookedAtMs);
}
