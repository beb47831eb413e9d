import type { ModerationRecords } from "@sluice/moderation";

/** Well below the time after which a claim by another container counts as abandoned (15 s). */
const INTERVAL_MS = 3_000;

/** Keeps telling the records that this process lives, also while one effect takes minutes. Disposing ends it. */
export function startClaimRenewal(records: Pick<ModerationRecords, "renewClaims">): Disposable {
  const timer = setInterval(() => {
    // When the records cannot be written the effects themselves tell so.
    records.renewClaims().catch(() => undefined);
  }, INTERVAL_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
