import { DEMO_MODELS } from "@sluice/demo-models";
import { describeEffect } from "../inspect/describe-effect.ts";
import { explainRule } from "../inspect/explain-rule.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import { formatTable } from "../terminal/format-table.ts";
import { checkUpload, expectedPlace } from "./check-upload.ts";
import type { Latencies } from "./measure-demo.ts";
import type { UploadResult } from "./upload-result.ts";

export interface DemoOutcome {
  /** Uploads that are told one by one. */
  readonly special: readonly UploadResult[];
  /** Ordinary pictures, told in one line. */
  readonly ordinary: readonly UploadResult[];
  /** What was not as expected about giving one back; empty when all was well. */
  readonly restoreProblems: readonly string[];
  readonly latencies: Latencies | null;
  readonly settleMs: number;
  readonly imagesPerSecond: number | null;
  readonly imagesAtOnce: number;
}

/** Every difference between what is and what should be, one line each. */
export function demoProblems({
  special,
  ordinary,
  restoreProblems,
}: DemoOutcome): readonly string[] {
  const wrong = [...special, ...ordinary].flatMap((result) =>
    checkUpload(result).map((problem) => `${escapeControls(result.upload.path)}: ${problem}`),
  );
  return [...wrong, ...restoreProblems.map((problem) => `restore: ${problem}`)];
}

/** What happened to each upload, and how fast. */
export function formatDemo(outcome: DemoOutcome): string {
  const { special, ordinary, restoreProblems, latencies, settleMs, imagesPerSecond } = outcome;
  const asExpected = ordinary.filter((result) => checkUpload(result).length === 0).length;
  const lines = [
    formatResults(special),
    "",
    `${asExpected} of ${ordinary.length} ordinary pictures: allowed and published.`,
  ];
  if (restoreProblems.length === 0) {
    lines.push(
      "sluice restore gave a forbidden picture back, byte for byte, and it was not taken again.",
    );
  }
  if (imagesPerSecond !== null) {
    lines.push(
      `Rate: ${imagesPerSecond.toFixed(1)} images/s for ${outcome.imagesAtOnce} that arrived at once, ${DEMO_MODELS.length} models each.`,
    );
  }
  if (latencies !== null) {
    lines.push(
      `Latency one by one, file complete to decision recorded: p50 ${latencies.p50Ms} ms, p99 ${latencies.p99Ms} ms, of which ${settleMs} ms wait for the file to settle.`,
    );
  }
  return lines.join("\n");
}

function formatResults(results: readonly UploadResult[]): string {
  return formatTable<UploadResult>(
    [
      { title: "", cell: (result) => (checkUpload(result).length === 0 ? "ok" : "!!") },
      { title: "file", maxWidth: 24, cell: ({ upload }) => upload.path },
      { title: "what it is", maxWidth: 48, cell: ({ upload }) => upload.about },
      { title: "decision", cell: ({ decisions }) => decisions[0]?.record.decision ?? "none" },
      {
        title: "why",
        maxWidth: 64,
        cell: ({ decisions: [newest] }) =>
          newest === undefined ? "" : explainRule(newest.record.rule),
      },
      {
        title: "now",
        cell: describePlace,
      },
    ],
    results,
  );
}

/** What the records say, and what was found where that is something else. */
function describePlace({ upload, decisions: [newest], places }: UploadResult): string {
  const found = places.join(" and ") || "nowhere";
  if (newest === undefined) return found;
  const isRight = places.length === 1 && places[0] === expectedPlace(upload);
  return isRight ? describeEffect(newest) : `${describeEffect(newest)}, found ${found}`;
}
