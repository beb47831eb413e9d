import type { ObjectPath } from "@sluice/contracts";
import type { LineFormat } from "./format/line-format.ts";
import type { NginxLogEvents } from "./nginx-log-events.ts";
import { forEachLine } from "./tail/line-cutter.ts";
import type { LineLedger } from "./tail/line-ledger.ts";
import type { TailedLines } from "./tail/log-tail.ts";
import { judgeUpload, type UploadRules } from "./upload/upload-judge.ts";

export interface LineTakerOptions {
  readonly format: LineFormat;
  readonly rules: UploadRules;
  readonly maxLineBytes: number;
  readonly events: NginxLogEvents;
  /** A line names an object. */
  readonly named: (
    path: ObjectPath,
    line: { readonly ledger: LineLedger; readonly at: number; readonly isCertain: boolean },
  ) => void;
  /** Something may have been stored that only a listing finds. */
  readonly wantListing: () => void;
}

/** Judges lines one by one. Called for every line of a busy site, so it does nothing that most lines do not need. */
export function takeLines(
  { lines, ledger, tooLong }: TailedLines,
  options: LineTakerOptions,
): void {
  const { format, events, maxLineBytes } = options;
  let count = 0;
  let long = tooLong;
  let foreign = 0;
  forEachLine(lines, (line, at) => {
    count += 1;
    if (line.length > maxLineBytes) {
      long += 1;
    } else if (format.mayBeUpload(line)) {
      if (!takeLine(line, { ...options, ledger, at })) foreign += 1;
    }
  });
  if (count > 0) events.linesRead({ count });
  if (long > 0) events.linesSkipped({ reason: "too-long", count: long });
  if (foreign > 0) events.linesSkipped({ reason: "other-format", count: foreign });
}

/** Returns false when it is no line of the format. */
function takeLine(
  line: string,
  {
    format,
    rules,
    events,
    named,
    wantListing,
    ledger,
    at,
  }: LineTakerOptions & { readonly ledger: LineLedger; readonly at: number },
): boolean {
  const record = format.parse(line);
  if (record === null) return false;
  const finding = judgeUpload(record, rules);
  switch (finding.kind) {
    case "ignored":
      return true;
    case "unnamed":
      events.uploadNamed({ rule: "unnamed", isCertain: finding.isCertain });
      wantListing();
      return true;
    case "upload":
      break;
    default:
      finding satisfies never;
  }
  const { rule, isCertain } = finding;
  events.uploadNamed({ rule, isCertain });
  for (const reason of finding.refusals) events.nameRefused({ reason });
  for (const path of finding.objects) named(path, { ledger, at, isCertain });
  if (finding.needsListing || !isCertain) wantListing();
  return true;
}
