import type { LineFormat } from "./format/line-format.ts";
import type { NamingLine } from "./follow/name-follower.ts";
import type { LogRecord } from "./format/log-record.ts";
import type { NginxLogEvents } from "./nginx-log-events.ts";
import { forEachLine } from "./tail/line-cutter.ts";
import type { LineLedger } from "./tail/line-ledger.ts";
import type { TailedLines } from "./tail/log-tail.ts";
import type { Finding } from "./upload/upload-judge.ts";

export interface LineTakerOptions<Name> {
  readonly format: LineFormat;
  /** What a line means. */
  readonly judge: (record: LogRecord) => Finding<Name>;
  readonly maxLineBytes: number;
  readonly events: NginxLogEvents;
  /** A line names an upload. */
  readonly named: (name: Name, line: NamingLine) => void;
  /** Something may have been stored that only a listing finds. */
  readonly wantListing: () => void;
}

/** Judges lines one by one. Called for every line of a busy site, so it does nothing that most lines do not need. */
export function takeLines<Name>(
  { lines, ledger, tooLong }: TailedLines,
  options: LineTakerOptions<Name>,
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
function takeLine<Name>(
  line: string,
  {
    format,
    judge,
    events,
    named,
    wantListing,
    ledger,
    at,
  }: LineTakerOptions<Name> & { readonly ledger: LineLedger; readonly at: number },
): boolean {
  const record = format.parse(line);
  if (record === null) return false;
  const finding = judge(record);
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
  for (const name of finding.objects) named(name, { ledger, at, isCertain, text: line });
  if (finding.needsListing || !isCertain) wantListing();
  return true;
}
