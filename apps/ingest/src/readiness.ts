import type { Clock, Journal } from "@sluice/sources";
import type { ReadinessReport } from "@sluice/telemetry";
import type { SourceLine } from "./source-line.ts";

/** The state of the process, as its parts tell it. */
export interface IngestState {
  readonly journal: Journal;
  readonly lines: readonly SourceLine[];
  readonly isConnected: () => boolean;
  readonly clock: Clock;
}

/** A listing is late when it is this many times older than it should be. */
const LATE_FACTOR = 3;

/**
 * Ready: Redis answers, and every folder can be listed and was listed not too long ago. A degraded watcher is told but does not
 * make the process unready, because the listing finds everything.
 */
export function readReadiness({ lines, isConnected, clock }: IngestState): ReadinessReport {
  const checks: Record<string, string> = { redis: isConnected() ? "ok" : "not connected" };
  let isReady = isConnected();
  for (const { config, folder, sender } of lines) {
    const status = folder.status;
    const listing = describeListing(status, { config, nowMs: clock.nowMs() });
    isReady &&= listing.isOk && sender.state !== "stopped";
    checks[`${config.name}.folder`] = listing.text;
    checks[`${config.name}.watcher`] = status.failure?.message ?? status.notifier;
    checks[`${config.name}.sender`] = sender.state;
  }
  return { isReady, checks };
}

function describeListing(
  status: SourceLine["folder"]["status"],
  { config, nowMs }: { readonly config: SourceLine["config"]; readonly nowMs: number },
): { readonly isOk: boolean; readonly text: string } {
  const { isAvailable, reconciledAtMs } = status;
  if (!isAvailable) return { isOk: false, text: "the folder cannot be listed" };
  if (reconciledAtMs === null) return { isOk: false, text: "listed for the first time" };
  const ageMs = nowMs - reconciledAtMs;
  const text = `listed ${Math.round(ageMs / 1000)} s ago`;
  return { isOk: ageMs <= LATE_FACTOR * Math.max(config.reconcileEveryMs, 60_000), text };
}
