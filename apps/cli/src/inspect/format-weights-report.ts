import type { WeightsReport } from "@sluice/models";
import { escapeControls } from "../terminal/escape-controls.ts";
import { formatTable, type Column } from "../terminal/format-table.ts";

/** A hostile header may name a million tensors; `--json` has them all. */
const MAX_TENSORS = 2000;
const MAX_DIFFERENCES = 10;

/** What a weights file holds, for a person. */
export function formatWeightsReport(report: WeightsReport): string {
  const { path, format, bytes, tensors, parameters, parameterBytes } = report;
  const more = tensors.length - MAX_TENSORS;
  return [
    `${escapeControls(path)}: ${format}, ${megabytes(bytes)}`,
    `  tensors       ${tensors.length}, ${parameters} numbers, ${megabytes(parameterBytes)}`,
    ...checkpointLines(report),
    ...fitLines(report),
    "",
    formatTable(COLUMNS, tensors.slice(0, MAX_TENSORS)),
    ...(more > 0 ? [`and ${more} more; --json has them all`] : []),
  ].join("\n");
}

type Tensor = WeightsReport["tensors"][number];
const COLUMNS: readonly Column<Tensor>[] = [
  { title: "tensor", maxWidth: 100, cell: ({ name }) => name },
  { title: "type", cell: ({ dtype }) => dtype },
  { title: "shape", cell: ({ shape }) => `[${shape.join(", ")}]` },
];

function checkpointLines({ checkpoint }: WeightsReport): string[] {
  if (checkpoint === null) return [];
  const { epoch, validationAccuracy, classes } = checkpoint;
  const facts = [
    ...(epoch === null ? [] : [`epoch ${epoch}`]),
    ...(validationAccuracy === null ? [] : [`validation accuracy ${validationAccuracy}`]),
    ...(classes === null ? [] : [`${classes} classes`]),
  ];
  return facts.length === 0 ? [] : [`  checkpoint    ${facts.join(", ")}`];
}

function fitLines({ fits, nearest }: WeightsReport): string[] {
  if (fits.length > 0) {
    const names = fits.map(
      ({ architecture, classes, library }) =>
        `${architecture} (${classes} classes, ${library}'s names)`,
    );
    return [`  architecture  ${names.join(", ")}`];
  }
  if (nearest === null) return ["  architecture  none that can be built shares a tensor with it"];
  const { architecture, library, classes, shared, differences } = nearest;
  const more = differences.length - MAX_DIFFERENCES;
  return [
    `  architecture  none fits; nearest is ${architecture} (${classes} classes, ${library}'s names), which shares ${shared} tensors and differs by`,
    ...differences.slice(0, MAX_DIFFERENCES).map((text) => `    - ${escapeControls(text)}`),
    ...(more > 0 ? [`    - and ${more} more`] : []),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
