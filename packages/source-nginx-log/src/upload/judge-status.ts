import type { LogRecord } from "../format/log-record.ts";

/**
 * What a status says about the upload: `stored`, `maybe` (the client left, or the answer never came, while whoever stores it may have
 * gone on), or `none`.
 */
export type StoredVerdict = "stored" | "maybe" | "none";

export function judgeStatus({
  method,
  status,
  isComplete,
  upstreamStatus,
}: Pick<LogRecord, "method" | "status" | "isComplete" | "upstreamStatus">): StoredVerdict {
  // A 2xx counts however the answer ended: the file had been stored when it began.
  if (status >= 200 && status <= 299) return "stored";
  // Post-redirect-get: applications answer forms that way. nginx's own redirects never store anything.
  if (REDIRECTS.has(status)) {
    return method === "POST" && upstreamStatus !== "" ? "stored" : "none";
  }
  if (status === 499) return "maybe";
  // Aborted or timed out: nginx itself stores nothing then, an application behind it may have.
  const mayHaveArrived = upstreamStatus !== null && upstreamStatus !== "";
  return ABORTED.has(status) && isComplete === false && mayHaveArrived ? "maybe" : "none";
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303]);
const ABORTED: ReadonlySet<number> = new Set([400, 408, 444]);
