import { explainRule } from "../inspect/explain-rule.ts";
import { checkUpload } from "./check-upload.ts";
import type { DemoOutcome } from "./demo-report.ts";
import type { UploadResult } from "./upload-result.ts";

/** The outcome for programs: every upload, what is wrong with it (nothing, it is hoped), and how fast it was. */
export function demoJson(outcome: DemoOutcome): object {
  const { special, ordinary, restoreProblems, latencies, settleMs } = outcome;
  return {
    uploads: [...special, ...ordinary].map(uploadJson),
    restoreProblems,
    imagesPerSecond: outcome.imagesPerSecond,
    latencies,
    settleMs,
  };
}

function uploadJson(result: UploadResult): object {
  const { upload, decisions, places } = result;
  const [newest] = decisions;
  return {
    source: upload.source,
    path: upload.path,
    about: upload.about,
    decision: newest?.record.decision ?? null,
    why: newest === undefined ? null : explainRule(newest.record.rule),
    places,
    problems: checkUpload(result),
  };
}
