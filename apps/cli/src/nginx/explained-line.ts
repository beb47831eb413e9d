import type { ObjectPath } from "@sluice/contracts";
import type { Explanation } from "@sluice/source-nginx-log";
import type { Looked } from "@sluice/sources";

export interface ExplainedLine {
  readonly number: number;
  readonly line: string;
  readonly explanation: Explanation;
}

/** What is printed of a line. `verdict` is what the summary counts. */
export interface ToldLine {
  readonly verdict: string;
  /** To be escaped for a terminal. */
  readonly text: string;
  readonly json: object;
}

const EXCERPT_LENGTH = 120;

/** Whether a line is or may be an upload, or could have been one had it been understood. */
export function isAboutUploads({ explanation }: ExplainedLine): boolean {
  if (explanation.kind !== "understood") return true;
  const { finding } = explanation;
  return finding.kind !== "ignored" || finding.reason === "status";
}

export function describeLine(
  { number, line, explanation }: ExplainedLine,
  looked: ReadonlyMap<ObjectPath, Looked>,
): ToldLine {
  if (explanation.kind !== "understood") {
    const { kind } = explanation;
    const excerpt = line.slice(0, EXCERPT_LENGTH);
    return {
      verdict: kind,
      text: `${number}  ${kind}  ${excerpt}`,
      json: { line: number, verdict: kind, excerpt },
    };
  }
  const { record, finding } = explanation;
  const { method, status, isComplete, id } = record;
  const request = { method: text(method), status, isComplete, ...(id !== "" && { id }) };
  const head = `${text(method) || "-"} ${status}${isComplete === false ? " (cut off)" : ""}`;
  if (finding.kind === "ignored") {
    const why = WHY_IGNORED[finding.reason];
    return {
      verdict: "ignored",
      text: `${number}  ignored  ${head}  ${why}`,
      json: { line: number, verdict: "ignored", ...request, why },
    };
  }
  const verdict = finding.isCertain ? "upload" : "maybe";
  if (finding.kind === "unnamed") {
    return {
      verdict,
      text: `${number}  ${verdict}  ${head}  nothing names it: the root is listed`,
      json: { line: number, verdict, ...request, rule: "unnamed", needsListing: true },
    };
  }
  const { rule, objects, refusals, needsListing } = finding;
  const names = objects.map((path) => ({ path, found: describeLooked(looked.get(path)) }));
  const parts = [
    ...names.map(({ path, found }) => `${path} (${found})`),
    ...refusals.map((reason) => `a name is refused: ${reason}`),
    ...(needsListing ? ["a directory or more: the root is listed"] : []),
  ];
  return {
    verdict,
    text: `${number}  ${verdict}  ${head}  by ${rule}  ${parts.join(", ")}`,
    json: { line: number, verdict, ...request, rule, objects: names, refusals, needsListing },
  };
}

const WHY_IGNORED = {
  method: "this method stores nothing",
  status: "this status says that nothing was stored",
  "no-name": "nothing in the line names an upload",
} as const;

function describeLooked(looked: Looked | undefined): string {
  if (looked === undefined) return "not looked at";
  switch (looked.kind) {
    case "object":
      return `is there, ${looked.sighting.object.sizeBytes} bytes`;
    case "missing":
      return "is not there";
    case "directory":
      return "is a directory";
    case "refused":
      return `refused: ${looked.reason}`;
    case "unreadable":
    case "unavailable":
      return `cannot be looked at: ${looked.code}`;
    default:
      return looked satisfies never;
  }
}

/** Lines are bytes; most are UTF-8. */
function text(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
