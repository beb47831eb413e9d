import type { QueueCounts } from "@sluice/queue";
import type { RecordCounts } from "@sluice/storage";
import { formatDuration } from "../terminal/format-duration.ts";
import { formatTable } from "../terminal/format-table.ts";
import { decisionJson } from "./decision-json.ts";
import type { AppState } from "./app-state.ts";
import { formatDecisions } from "./format-decisions.ts";
import type { SourceCounts } from "./journal-counts.ts";
import type { WorkerFigures } from "./worker-figures.ts";
import type { StatusReport } from "./status-report.ts";

/** The report for people: one block per question that they come with. */
export function formatStatus(report: StatusReport, nowMs: number): string {
  const { configPath, dataDir, apps, workers, redis, queues, journal, records, lastDecisions } =
    report;
  const blocks = [
    `configuration ${configPath ?? "built-in"}, data in ${dataDir}`,
    apps.length === 0 ? "nothing is running" : formatApps(apps, nowMs),
    ...workers.map(formatWorker),
    redis.isReachable ? formatQueues(queues, redis.url ?? "") : `redis: ${redis.problem ?? "away"}`,
    journal === null ? "nothing found yet" : formatJournal(journal),
    records === null ? "no decisions yet" : formatCounts(records),
  ];
  if (lastDecisions.length > 0) blocks.push(formatDecisions(lastDecisions));
  return blocks.join("\n\n");
}

/** The report for programs. */
export function statusJson({ lastDecisions, ...report }: StatusReport): object {
  return { ...report, lastDecisions: lastDecisions.map(decisionJson) };
}

function formatApps(apps: readonly AppState[], nowMs: number): string {
  return formatTable<AppState>(
    [
      { title: "app", cell: ({ name }) => name },
      { title: "state", cell: ({ condition }) => condition },
      { title: "for", cell: ({ startedAtMs }) => formatDuration(nowMs - startedAtMs) },
      { title: "pid", alignment: "right", cell: ({ pid }) => String(pid) },
      { title: "health", cell: ({ url }) => `${url}/readyz` },
      {
        title: "missing",
        maxWidth: 80,
        cell: ({ missing }) =>
          Object.entries(missing)
            .map(([check, problem]) => `${check}: ${problem}`)
            .join(", "),
      },
    ],
    apps,
  );
}

function formatWorker({ name, images, recalled, engineLosses }: WorkerFigures): string {
  const share = images === 0 ? 0 : (100 * recalled) / images;
  const known = `${recalled} of them known before (${share.toFixed(1)} %)`;
  const lost = engineLosses === 0 ? "" : `; engines lost: ${engineLosses}`;
  return `${name} since its start: ${images} images, ${known}${lost}`;
}

function formatQueues(queues: readonly QueueCounts[], url: string): string {
  const table = formatTable<QueueCounts>(
    [
      { title: "queue", cell: ({ name }) => name },
      { title: "waiting", alignment: "right", cell: ({ waiting }) => String(waiting) },
      { title: "active", alignment: "right", cell: ({ active }) => String(active) },
      { title: "delayed", alignment: "right", cell: ({ delayed }) => String(delayed) },
      { title: "failed", alignment: "right", cell: ({ failed }) => String(failed) },
    ],
    queues,
  );
  return `redis ${url}\n${table}`;
}

function formatJournal(journal: readonly SourceCounts[]): string {
  return formatTable<SourceCounts>(
    [
      { title: "source", cell: ({ source }) => source },
      { title: "found", alignment: "right", cell: ({ seen }) => String(seen) },
      { title: "sending", alignment: "right", cell: ({ assigned }) => String(assigned) },
      { title: "queued", alignment: "right", cell: ({ queued }) => String(queued) },
      { title: "decided", alignment: "right", cell: ({ decided }) => String(decided) },
    ],
    journal,
  );
}

function formatCounts({ decisions, waiting, openEffects, inVault }: RecordCounts): string {
  const kinds = Object.entries(decisions).map(([kind, count]) => `${count} ${kind}`);
  return [
    `decisions: ${kinds.length === 0 ? "none" : kinds.join(", ")}`,
    `waiting for a person: ${waiting}; in the vault: ${inVault}; effects not done yet: ${openEffects}`,
  ].join("\n");
}
