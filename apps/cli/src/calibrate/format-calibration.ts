import { formatTable } from "../terminal/format-table.ts";
import type { Calibration, Comparison } from "./calibrate.ts";

export function formatCalibration({
  comparisons,
  ensemble,
  fittedOn,
  judgedOn,
}: Calibration): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return [
    `fitted on ${fittedOn} pictures, judged on ${judgedOn} others`,
    "",
    formatTable<Comparison>(
      [
        { title: "", cell: ({ name }) => name },
        ...pair("accuracy", ({ accuracy }) => percent(accuracy)),
        ...pair("log loss", ({ logLoss }) => logLoss.toFixed(4)),
        ...pair("calibration error", ({ calibrationError }) => calibrationError.toFixed(4)),
      ],
      comparisons,
    ),
    "",
    formatTable<Calibration["ensemble"]["members"][number]>(
      [
        { title: "member", cell: ({ model }) => model },
        { title: "temperature", alignment: "right", cell: ({ temperature }) => `${temperature}` },
        { title: "weight", alignment: "right", cell: ({ weight }) => `${weight}` },
      ],
      ensemble.members,
    ),
    ...judge(comparisons.at(-1)),
  ].join("\n");
}

/** A calibration that does not help must not look like one that does. */
function judge(whole: Comparison | undefined): string[] {
  if (whole === undefined || whole.after.logLoss < whole.before.logLoss) return [];
  const [before, after] = [whole.before.logLoss.toFixed(4), whole.after.logLoss.toFixed(4)];
  return [
    "",
    `not better: the ensemble's log loss on the held-out pictures goes from ${before} to ${after}; there are too few pictures, or the members were calibrated already`,
  ];
}

function pair(title: string, figure: (evaluation: Comparison["before"]) => string) {
  return [
    {
      title,
      alignment: "right" as const,
      cell: ({ before }: Comparison) => figure(before),
    },
    { title: "after", alignment: "right" as const, cell: ({ after }: Comparison) => figure(after) },
  ];
}
