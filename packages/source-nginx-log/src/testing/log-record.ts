import type { LogRecord } from "../format/log-record.ts";

/** A record of a PUT that nginx stored, with changes. */
export function logRecord(change: Partial<LogRecord>): LogRecord {
  return {
    method: "PUT",
    status: 201,
    target: "",
    path: "",
    isComplete: true,
    file: "",
    destination: "",
    bodyFile: "",
    upstreamStatus: "",
    location: "",
    uploadPaths: "",
    contentType: "",
    id: "",
    ...change,
  };
}
