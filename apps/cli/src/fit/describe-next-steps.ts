import { escapeControls } from "../terminal/escape-controls.ts";
import type { FitReport } from "./fit-report.ts";

/** Labels beyond these are many enough that a person knows how to go on. */
const MOST_LABELS = 5;

/** What was written, and what a person does with it: try it, run it, and forbid a label of it. Empty when nothing was. */
export function describeNextSteps(report: FitReport): string {
  const { folder, labels, isRefitted, pictures } = report;
  if (folder === null) return "";
  const shown = labels.slice(0, MOST_LABELS);
  const rest = labels.length - shown.length;
  const fittedOn = isRefitted ? pictures.training + pictures.heldOut : pictures.training;
  return [
    `wrote ${escapeControls(folder)}, fitted on ${fittedOn} pictures${isRefitted ? ", the held-out ones among them" : ""}`,
    "",
    `try it:  sluice classify <pictures> --model ${escapeControls(folder)}`,
    "run it:  name it in sluice.yaml, and keep of the rules those whose label is forbidden",
    "",
    "ensembles:",
    "  default:",
    `    members: [{ ${describeMember(folder, report)} }]`,
    "policies:",
    "  default:",
    "    forbidden:",
    ...shown.map(
      (label) => `      - { label: ${JSON.stringify(label)}, quarantine: 0.9, review: 0.5 }`,
    ),
    ...(rest > 0 ? [`      # and ${rest} more labels`] : []),
  ].join("\n");
}

/** With the temperature, unless the head has it in its weights or it made the held-out pictures worse. */
function describeMember(folder: string, { temperature, heldOut }: FitReport): string {
  const model = `model: ${JSON.stringify(folder)}`;
  const helps = temperature !== null && temperature.logLoss < heldOut.logLoss;
  if (!helps || temperature.isApplied) return model;
  return `${model}, temperature: ${temperature.value.toFixed(2)}`;
}
