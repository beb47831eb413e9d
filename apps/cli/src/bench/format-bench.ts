import { formatTable } from "../terminal/format-table.ts";
import type { SessionFigure } from "./bench-session.ts";
import type { QueueFigure } from "./compare-with-queue.ts";
import type { BenchReport } from "./run-bench.ts";

export function formatBench(report: BenchReport): string {
  const { machine, provider, intraOpThreads, sessions, decode, pipeline, queue } = report;
  const threads = intraOpThreads === 0 ? machine.cores : intraOpThreads;
  const ratio = pipeline.imagesPerSecond / report.serialImagesPerSecond;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.platform}, Node ${machine.node}`,
    `provider ${provider}, ${threads} threads`,
    "",
    formatSessions(sessions),
    "",
    formatTable(
      [
        { title: "together", cell: ([what]: Row) => what },
        { title: "images/s", alignment: "right", cell: ([, perSecond]) => perSecond.toFixed(1) },
        { title: "CPU ms/image", alignment: "right", cell: ([, , cpu]) => cpu },
      ],
      [
        ["decoding alone", decode.imagesPerSecond, decode.cpuMsPerImage.toFixed(1)],
        ["decoding, then all members", report.serialImagesPerSecond, ""],
        ["pipeline in one process", pipeline.imagesPerSecond, pipeline.cpuMsPerImage.toFixed(1)],
        ...(queue === null ? [] : [["through Redis", queue.imagesPerSecond, ""] as const]),
      ],
    ),
    "",
    `pipeline / one after the other: ${ratio.toFixed(2)}, over ${pipeline.images} pictures`,
    ...(queue === null ? [] : [formatQueue(queue)]),
  ].join("\n");
}

function formatQueue({ ratio, rounds, images }: QueueFigure): string {
  const each = rounds.map((round) =>
    (round.queueImagesPerSecond / round.pipelineImagesPerSecond).toFixed(2),
  );
  return `through Redis / pipeline in one process: ${ratio.toFixed(2)}, over ${images} pictures in each of ${rounds.length} rounds (${each.join(", ")})`;
}

type Row = readonly [what: string, perSecond: number, cpu: string];

function formatSessions(sessions: readonly SessionFigure[]): string {
  return formatTable<SessionFigure>(
    [
      { title: "model alone", cell: ({ model }) => model },
      { title: "batch", alignment: "right", cell: ({ batch }) => String(batch) },
      { title: "ms/batch", alignment: "right", cell: ({ batchMs }) => batchMs.toFixed(1) },
      {
        title: "images/s",
        alignment: "right",
        cell: ({ imagesPerSecond }) => imagesPerSecond.toFixed(1),
      },
    ],
    sessions,
  );
}
