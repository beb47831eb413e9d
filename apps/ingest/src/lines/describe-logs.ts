import type { SourceName } from "@sluice/contracts";
import type { NginxLogStatus } from "@sluice/source-nginx-log";
import type { ReadinessReport } from "@sluice/telemetry";

/** Ready: every log can be read, and what they name can be looked at. */
export function describeLogs(name: SourceName, status: NginxLogStatus | null): ReadinessReport {
  if (status === null) return { isReady: false, checks: { [`${name}.logs`]: "not started" } };
  const { logs, unavailable, isRootAvailable } = status;
  const readable = `${logs - unavailable.length} of ${logs} can be read`;
  return {
    isReady: isRootAvailable && unavailable.length === 0,
    checks: {
      [`${name}.logs`]: logs === 0 ? "none is there yet" : readable,
      [`${name}.root`]: isRootAvailable ? "ok" : "cannot be looked at",
    },
  };
}
