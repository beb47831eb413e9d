import { formatTable, type Column } from "../terminal/format-table.ts";
import type { ArchitectureFigures } from "./compare-architectures.ts";

/** Sorted by speed at the largest batch, the fastest first. */
export function sortBySpeed(
  figures: readonly ArchitectureFigures[],
): readonly ArchitectureFigures[] {
  return figures.toSorted((a, b) => speedOf(b) - speedOf(a));
}

export function speedOf({ batches }: ArchitectureFigures): number {
  return batches.at(-1)?.imagesPerSecond ?? 0;
}

export function formatComparison(figures: readonly ArchitectureFigures[]): string {
  const right = (
    title: string,
    cell: (row: ArchitectureFigures) => string,
  ): Column<ArchitectureFigures> => ({ title, alignment: "right", cell });
  const [first] = figures;
  return formatTable<ArchitectureFigures>(
    [
      { title: "architecture", cell: ({ name }) => name },
      right("parameters", ({ parameters }) => `${(parameters / 1e6).toFixed(1)} M`),
      right("GMACs", ({ macs }) => (macs / 1e9).toFixed(2)),
      right("input", ({ inputSize }) => `${inputSize} px`),
      right("file", ({ sizeBytes }) => megabytes(sizeBytes)),
      right("memory", ({ memoryBytes }) => megabytes(memoryBytes)),
      right("load", ({ loadMs }) => `${loadMs.toFixed(0)} ms`),
      ...(first?.batches ?? []).flatMap(({ batch }, i) => [
        right(`ms at ${batch}`, ({ batches }) => (batches[i]?.batchMs ?? Number.NaN).toFixed(1)),
        right("images/s", ({ batches }) => (batches[i]?.imagesPerSecond ?? Number.NaN).toFixed(1)),
      ]),
      right("top-1", ({ top1 }) => (top1 === null ? "" : `${top1.toFixed(1)} %`)),
    ],
    figures,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
