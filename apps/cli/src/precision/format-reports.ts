import type { VariantReport } from "@sluice/models";
import { formatTable } from "../terminal/format-table.ts";

/** One variant per line, and what they were compared on; nothing for no variants. */
export function formatReports(reports: readonly VariantReport[]): readonly string[] {
  const [first] = reports;
  if (first === undefined) return [];
  const table = formatTable<VariantReport>(
    [
      { title: "variant", cell: ({ variant }) => variant },
      { title: "size", alignment: "right", cell: ({ bytes }) => megabytes(bytes) },
      {
        title: "same top-1",
        alignment: "right",
        cell: ({ agreement }) => `${(100 * agreement.top1Agreement).toFixed(1)} %`,
      },
      {
        title: "largest logit error",
        alignment: "right",
        cell: ({ agreement }) => agreement.largestLogitError.toPrecision(3),
      },
      {
        title: "mean",
        alignment: "right",
        cell: ({ agreement }) => agreement.meanLogitError.toPrecision(3),
      },
      {
        title: "largest probability change",
        alignment: "right",
        cell: ({ agreement }) => agreement.largestProbabilityChange.toFixed(3),
      },
      {
        title: "decisions changed",
        alignment: "right",
        cell: ({ agreement }) => String(agreement.decisionsChanged),
      },
      { title: "speed here", alignment: "right", cell: describeSpeed },
      { title: "file", cell: ({ file }) => file },
    ],
    reports,
  );
  const { pictures, decisionThreshold } = first.agreement;
  const footer = `against the float model (${megabytes(first.float.bytes)}) on ${pictures} held-out pictures; decided from a probability of ${decisionThreshold} on`;
  return ["", table, footer];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function describeSpeed({ speed }: VariantReport): string {
  return speed === null ? "not measured" : `${speed.ratio.toFixed(2)}×`;
}
