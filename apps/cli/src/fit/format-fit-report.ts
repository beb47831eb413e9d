import { escapeControls } from "../terminal/escape-controls.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";
import type { FitReport } from "./fit-report.ts";

/** Mistakes that are listed; all of them are in the JSON. */
const MOST_MISTAKES = 10;
/** Columns of the confusion matrix beyond this do not fit a terminal; all of them are in the JSON. */
const MOST_COLUMNS = 12;

/** The judgement on the held-out pictures, for people. */
export function formatFitReport(report: FitReport): string {
  return [
    describeSamples(report),
    describeSearch(report),
    "",
    ...describeAccuracy(report),
    ...describeCalibration(report),
    "",
    formatClasses(report),
    "",
    "held-out pictures by their label (rows) and what they were called (columns):",
    formatConfusion(report),
    ...describeMistakes(report),
  ].join("\n");
}

function describeSamples({ pictures, labels, features }: FitReport): string {
  return `${pictures.training + pictures.heldOut} pictures of ${labels.length} labels, ${features.dimension} features each; ${pictures.heldOut} held out`;
}

function describeSearch({ l2, hasConverged, settings }: FitReport): string {
  const origin = l2.tried === null ? "too few pictures to choose" : originOf(l2.tried.length);
  const end = hasConverged ? "" : "; the search for the weights did not come to its end";
  return `l2 ${l2.value} (${origin}), class weights ${settings.classWeights}, seed ${settings.seed}${end}`;
}

function originOf(tried: number): string {
  return tried === 1 ? "as asked for" : "cross-validated";
}

function describeAccuracy({ heldOut, temperature }: FitReport): string[] {
  const [low, high] = heldOut.accuracyInterval;
  const isNoBetter = low <= heldOut.baseline;
  return [
    `accuracy            ${percent(heldOut.accuracy)} (95 % interval ${percent(low)} to ${percent(high)}; the most frequent label every time: ${percent(heldOut.baseline)})`,
    `balanced accuracy   ${percent(heldOut.balancedAccuracy)}`,
    `log loss            ${heldOut.logLoss.toFixed(3)}${temperature === null ? "" : `, ${temperature.logLoss.toFixed(3)} with the temperature`}`,
    ...(isNoBetter
      ? [
          "warning: this may be no better than guessing; collect more pictures, or take another model's features",
        ]
      : []),
  ];
}

function describeCalibration({ heldOut, temperature }: FitReport): string[] {
  const before = `calibration error   ${heldOut.calibrationError.toFixed(3)}`;
  if (temperature === null) return [`${before} (too few pictures to find a temperature)`];
  const { value, isApplied, isAtLimit, calibrationError } = temperature;
  const state = isApplied ? "applied" : "not applied; --temperature writes it into the model";
  const limit = isAtLimit ? ", the end of its range" : "";
  return [
    `${before}, ${calibrationError.toFixed(3)} with temperature ${value.toFixed(2)}${limit} (${state})`,
  ];
}

function formatClasses({ heldOut }: FitReport): string {
  const share = (value: number | null): string => (value === null ? "" : percent(value));
  return formatTable(
    [
      { title: "label", maxWidth: 40, cell: ({ label }) => label },
      { title: "held out", alignment: "right", cell: ({ support }) => String(support) },
      { title: "precision", alignment: "right", cell: ({ precision }) => share(precision) },
      { title: "recall", alignment: "right", cell: ({ recall }) => share(recall) },
      { title: "f1", alignment: "right", cell: ({ f1 }) => share(f1) },
    ],
    heldOut.perClass,
  );
}

function formatConfusion({ heldOut, labels }: FitReport): string {
  const rows = heldOut.confusion.map((counts, id) => ({ label: labels[id] ?? "", counts }));
  const columns = labels.slice(0, MOST_COLUMNS).map((label, id): Column<(typeof rows)[number]> => ({
    title: escapeControls(label),
    alignment: "right",
    cell: ({ counts }) => String(counts[id] ?? 0),
  }));
  const table = formatTable(
    [{ title: "", maxWidth: 40, cell: ({ label }) => label }, ...columns],
    rows,
  );
  const rest = labels.length - MOST_COLUMNS;
  return rest > 0 ? `${table}\n(${rest} more columns: --json)` : table;
}

function describeMistakes({ heldOut: { mistakes } }: FitReport): string[] {
  if (mistakes.length === 0) return [];
  const rest = mistakes.length - MOST_MISTAKES;
  return [
    "",
    "called wrongly, the surest first (look whether their label is right):",
    ...mistakes
      .slice(0, MOST_MISTAKES)
      .map(
        ({ path, label, called, probability }) =>
          `  ${escapeControls(path)}: ${escapeControls(label)} called ${escapeControls(called)} (${percent(probability)})`,
      ),
    ...(rest > 0 ? [`  and ${rest} more: --json`] : []),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
