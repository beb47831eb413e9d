import { writeFile } from "node:fs/promises";
import { listArchitectures, type ArchitectureFacts } from "@sluice/models";
import { nearestName } from "@sluice/config";
import { describeMachine } from "../bench/machine.ts";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import {
  measureArchitecture,
  type ArchitectureFigures,
  type CompareOptions,
} from "./compare-architectures.ts";
import { drawChart } from "./draw-chart.ts";
import { measureEach } from "./measure-each.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatComparison, sortBySpeed } from "./format-comparison.ts";

export interface ComparisonRequest extends Omit<CompareOptions, "signal"> {
  /** Names with commas, or `all`. */
  readonly models: string;
  /** Absolute path of an SVG file; null for none. */
  readonly chartPath: string | null;
  readonly isJson: boolean;
}

/** Measures architectures one after the other and tells them as a table or JSON, and as a chart; if it is stopped those that it has. */
export async function runComparison(
  request: ComparisonRequest,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const chosen = chooseArchitectures(request.models);
  const { figures, error } = await measureEach(chosen, {
    measure: async (facts) => await measureArchitecture(facts, { ...request, signal }),
    tell: (step) => terminal.showProgress(step),
    say: (problem) => terminal.say(problem),
  });
  terminal.clearProgress();
  if (figures.length > 0) await report(sortBySpeed(figures), request, terminal);
  if (error !== null) throw error;
}

async function report(
  sorted: readonly ArchitectureFigures[],
  { chartPath, isJson }: ComparisonRequest,
  terminal: Terminal,
): Promise<void> {
  const machine = describeMachine();
  if (chartPath !== null) await writeChart(chartPath, drawChart(sorted, machine));
  if (isJson) {
    return terminal.print(JSON.stringify({ machine, architectures: sorted }, null, 2));
  }
  terminal.print(
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}\n`,
  );
  terminal.print(formatComparison(sorted));
}

function chooseArchitectures(models: string): readonly ArchitectureFacts[] {
  const known = listArchitectures();
  if (models === "all") return known;
  return models.split(",").map((name) => {
    const found = known.find((facts) => facts.name === name.trim());
    if (found !== undefined) return found;
    const near = nearestName(
      name,
      known.map((facts) => facts.name),
    );
    const hint = near === null ? "`sluice models list` names them" : `did you mean ${near}?`;
    throw new CliError("USAGE", `there is no architecture ${name}; ${hint}`, {
      exitCode: EXIT_CODE.usage,
    });
  });
}

async function writeChart(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg);
  } catch (error) {
    throw new CliError("OUTPUT_UNWRITABLE", `${path} cannot be written (${String(error)})`, {
      exitCode: EXIT_CODE.configuration,
      cause: error,
    });
  }
}
