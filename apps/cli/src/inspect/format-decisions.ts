import type { DecisionView } from "@sluice/storage";
import { formatTable } from "../terminal/format-table.ts";
import { describeEffect } from "./describe-effect.ts";
import { explainRule } from "./explain-rule.ts";

/** A table with one decision per line. */
export function formatDecisions(views: readonly DecisionView[]): string {
  return formatTable<DecisionView>(
    [
      { title: "id", cell: ({ record }) => record.id },
      { title: "decided (UTC)", cell: ({ record }) => formatTime(record.decidedAtMs) },
      { title: "object", maxWidth: 48, cell: ({ record }) => `${record.root}:${record.path}` },
      { title: "decision", cell: ({ record }) => record.decision },
      { title: "why", maxWidth: 64, cell: ({ record }) => explainRule(record.rule) },
      { title: "now", maxWidth: 64, cell: describeEffect },
    ],
    views,
  );
}

/** `2026-11-23 08:15:30`, sorted as text as in time. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace("T", " ");
}
