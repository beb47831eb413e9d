import type { LogRecord } from "../format/log-record.ts";
import type { LogRules } from "../log-rules.ts";
import { judgeUpload, type Finding } from "../upload/upload-judge.ts";

/** What a source would make of a line. */
export type Explanation =
  | { readonly kind: "too-long" | "other-format" }
  | { readonly kind: "understood"; readonly record: LogRecord; readonly finding: Finding };

/** As the source does it, but for lines that it passes over without a look. */
export function explainLine(
  line: string,
  { format, rules, maxLineBytes }: LogRules & { readonly maxLineBytes: number },
): Explanation {
  if (line.length > maxLineBytes) return { kind: "too-long" };
  const record = format.parse(line);
  if (record === null) return { kind: "other-format" };
  return { kind: "understood", record, finding: judgeUpload(record, rules) };
}
