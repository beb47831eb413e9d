import { resolve } from "node:path";
import type { ObjectPath } from "@sluice/contracts";
import { explainLine, openLogRules, readLog } from "@sluice/source-nginx-log";
import type { Looked } from "@sluice/sources";
import { createFolderLooker } from "@sluice/storage";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { ChosenLogSettings } from "./choose-log-settings.ts";
import { describeLine, isAboutUploads, type ExplainedLine } from "./explained-line.ts";

export interface ExplainOptions extends ChosenLogSettings {
  readonly isJson: boolean;
  readonly onlyUploads: boolean;
  readonly context: CommandContext;
}

/** Prints what a source would make of each line. @throws CliError, LogFormatError */
export async function explainLog(log: string, options: ExplainOptions): Promise<void> {
  const { context, folder, isJson, onlyUploads } = options;
  const { terminal, signal } = context;
  const rules = { ...openLogRules(options.settings, folder), maxLineBytes: options.maxLineBytes };
  const looker = folder === null ? null : createFolderLooker(folder);
  const summary = new Map<string, number>();
  let number = 0;
  for await (const batch of batchesOf(log, context)) {
    for (let start = 0; start < batch.length; start += LOOK_BATCH) {
      if (signal.aborted) throw interrupted();
      const explained: ExplainedLine[] = batch.slice(start, start + LOOK_BATCH).map((line) => {
        number += 1;
        return { number, line, explanation: explainLine(line, rules) };
      });
      const looked = await lookAtAll(explained, looker);
      for (const line of explained) {
        const told = describeLine(line, looked);
        summary.set(told.verdict, (summary.get(told.verdict) ?? 0) + 1);
        if (onlyUploads && !isAboutUploads(line)) continue;
        if (isJson) terminal.print(JSON.stringify(told.json));
        else terminal.print(escapeControls(told.text));
      }
    }
  }
  const counts = Object.fromEntries(summary);
  if (isJson) terminal.print(JSON.stringify({ summary: { lines: number, ...counts } }));
  else terminal.say(describeSummary(number, counts));
}

const LOOK_BATCH = 256;

async function* batchesOf(
  log: string,
  { cwd }: CommandContext,
): AsyncGenerator<readonly string[], void> {
  try {
    yield* readLog(log === "-" ? "/dev/stdin" : resolve(cwd, log));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("LOG_UNREADABLE", `${log} cannot be read: ${reason}`, { cause });
  }
}

async function lookAtAll(
  lines: readonly ExplainedLine[],
  looker: ReturnType<typeof createFolderLooker> | null,
): Promise<ReadonlyMap<ObjectPath, Looked>> {
  const paths = lines.flatMap(({ explanation }) =>
    explanation.kind === "understood" && explanation.finding.kind === "upload"
      ? explanation.finding.objects
      : [],
  );
  const looked = paths.length === 0 ? [] : ((await looker?.look(paths)) ?? []);
  return new Map(
    paths.flatMap((path, index) => {
      const found = looked[index];
      return found === undefined ? [] : [[path, found] as const];
    }),
  );
}

function describeSummary(lines: number, counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `${count} ${verdict}`);
  return `${lines} lines: ${parts.join(", ") || "none"}`;
}

function interrupted(): CliError {
  return new CliError("INTERRUPTED", "stopped before the end of the log", { exitCode: 130 });
}
