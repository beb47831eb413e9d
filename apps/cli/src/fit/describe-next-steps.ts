import type { FitReport } from "./fit-report.ts";

/** Labels beyond these are many enough that a person knows how to go on. */
const MOST_LABELS = 5;

/** What was written, and what a person does with it: run it, and forbid a label of it. Empty when nothing was. */
export function describeNextSteps({ folder, labels, isRefitted, pictures }: FitReport): string {
  if (folder === null) return "";
  const shown = labels.slice(0, MOST_LABELS);
  const rest = labels.length - shown.length;
  const fittedOn = isRefitted ? pictures.training + pictures.heldOut : pictures.training;
  return [
    `wrote ${folder}, fitted on ${fittedOn} pictures${isRefitted ? ", the held-out ones among them" : ""}`,
    "",
    "next: name it in sluice.yaml, and keep of the rules those whose label is forbidden",
    "",
    "ensembles:",
    "  default:",
    `    members: [{ model: ${JSON.stringify(folder)} }]`,
    "policies:",
    "  default:",
    "    forbidden:",
    ...shown.map(
      (label) => `      - { label: ${JSON.stringify(label)}, quarantine: 0.9, review: 0.5 }`,
    ),
    ...(rest > 0 ? [`      # and ${rest} more labels`] : []),
  ].join("\n");
}
