import type { Clock, Journal } from "@sluice/sources";
import type { ReadinessReport } from "@sluice/telemetry";
import type { SourceLine } from "./lines/source-line.ts";

/** The state of the process, as its parts tell it. */
export interface IngestState {
  readonly journal: Journal;
  readonly lines: readonly SourceLine[];
  readonly isConnected: () => boolean;
  readonly clock: Clock;
}

/** Ready: Redis answers, every source finds its objects, and what it finds is sent. */
export function readReadiness({ lines, isConnected, clock }: IngestState): ReadinessReport {
  let checks: Record<string, string> = { redis: isConnected() ? "ok" : "not connected" };
  let isReady = isConnected();
  for (const line of lines) {
    const report = line.readiness(clock.nowMs());
    isReady &&= report.isReady && line.senderState !== "stopped";
    checks = { ...checks, ...report.checks, [`${line.name}.sender`]: line.senderState };
  }
  return { isReady, checks };
}
