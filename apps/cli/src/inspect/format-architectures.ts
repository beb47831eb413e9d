import type { ArchitectureFacts } from "@sluice/models";
import { formatTable } from "../terminal/format-table.ts";

/** One architecture per line, with the figures of its published ImageNet form. */
export function formatArchitectures(architectures: readonly ArchitectureFacts[]): string {
  return formatTable<ArchitectureFacts>(
    [
      { title: "architecture", cell: ({ name }) => name },
      { title: "parameters", alignment: "right", cell: ({ parameters }) => millions(parameters) },
      { title: "multiply-adds", alignment: "right", cell: ({ macs }) => millions(macs) },
      { title: "input", alignment: "right", cell: ({ inputSize }) => `${inputSize} px` },
      {
        title: "top-1",
        alignment: "right",
        cell: ({ top1 }) => (top1 === null ? "" : `${top1.toFixed(1)} %`),
      },
      { title: "reads weights of", cell: ({ libraries }) => libraries.join(", ") },
    ],
    architectures,
  );
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e8 ? 1 : 0)} M`;
}
