import type { WatchedThreshold } from "@sluice/inference";
import { formatTable, type Column } from "../terminal/format-table.ts";
import type { Costs } from "./measure-costs.ts";
import type { EnsembleTuning, TradeRow } from "./tune-ensemble.ts";

export interface TuningReport extends EnsembleTuning {
  /** Names, stage by stage as they were put in. */
  readonly stages: readonly (readonly string[])[];
  readonly members: readonly string[];
  readonly thresholds: readonly WatchedThreshold[];
  readonly costs: Costs;
  readonly maxDisagreement: number;
}

export function formatTuning(report: TuningReport): string {
  const { thresholds, tunedOn, judgedOn, stages, wholeErrors } = report;
  const watched = thresholds.map(({ label, threshold }) => `${label} at ${threshold}`);
  return [
    `tuned on ${tunedOn} pictures, judged on ${judgedOn} others, for ${watched.join(", ")}`,
    "",
    formatCosts(report),
    "",
    formatTable<TradeRow>(tradeColumns(report), report.trade),
    "",
    "images/s are estimated from the measured costs; sluice bench measures the pipeline",
    `stages: ${stages.map((names) => names.join(" + ")).join(", then ")}`,
    ...(wholeErrors === null
      ? []
      : [`all members: ${wholeErrors.missed} missed, ${wholeErrors.falseAlarms} false alarms`]),
    ...describeChoice(report),
  ].join("\n");
}

function formatCosts({ members, costs: { memberMs, decodeMs } }: TuningReport): string {
  return formatTable<readonly [string, number]>(
    [
      { title: "measured", cell: ([what]) => what },
      { title: "ms/picture", alignment: "right", cell: ([, ms]) => ms.toFixed(2) },
    ],
    [["decoding", decodeMs], ...members.map((model, m) => [model, memberMs[m] ?? 0] as const)],
  );
}

function tradeColumns({ stages, chosen, wholeErrors }: TuningReport): Column<TradeRow>[] {
  const leaving = stages.slice(0, -1).map((_, stage): Column<TradeRow> => ({
    title: `leave after ${stage + 1}`,
    alignment: "right",
    cell: ({ onHeldOut: { decided, pictures } }) => percent((decided[stage] ?? 0) / pictures, 1),
  }));
  const errors: Column<TradeRow>[] = [
    { title: "missed", alignment: "right", cell: (row) => String(row.errors?.missed ?? "") },
    {
      title: "false alarms",
      alignment: "right",
      cell: (row) => String(row.errors?.falseAlarms ?? ""),
    },
  ];
  return [
    { title: "", cell: (row) => (row === chosen ? "*" : "") },
    { title: "allowed", alignment: "right", cell: ({ allowed }) => percent(allowed, 3) },
    {
      title: "changed",
      alignment: "right",
      cell: ({ onHeldOut: h }) => `${h.changed} of ${h.pictures}`,
    },
    { title: "at most (95 %)", alignment: "right", cell: ({ atMost }) => percent(atMost, 2) },
    ...leaving,
    {
      title: "images/s",
      alignment: "right",
      cell: ({ imagesPerSecond }) => imagesPerSecond.toFixed(1),
    },
    { title: "x whole", alignment: "right", cell: ({ speedup }) => speedup.toFixed(2) },
    ...(wholeErrors === null ? [] : errors),
  ];
}

function describeChoice(report: TuningReport): string[] {
  const { chosen, maxDisagreement, judgedOn, picturesNeeded } = report;
  if (chosen === null) {
    return [
      `no cascade keeps within ${percent(maxDisagreement, 2)} changed decisions and is faster`,
    ];
  }
  const { onHeldOut, atMost } = chosen;
  const told = `* ${onHeldOut.changed} of ${onHeldOut.pictures} held-out pictures are decided otherwise`;
  if (atMost <= maxDisagreement)
    return [`${told}; with 95 % confidence at most ${percent(atMost, 2)}`];
  return [
    `${told}, but that says no more than at most ${percent(atMost, 2)} with 95 % confidence: ${judgedOn} pictures are too few for ${percent(maxDisagreement, 2)}, at least ${picturesNeeded} must be held out`,
  ];
}

function percent(share: number, digits: number): string {
  return `${(100 * share).toFixed(digits)} %`;
}
