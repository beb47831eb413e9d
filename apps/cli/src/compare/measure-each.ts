import type { ArchitectureFacts } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import type { ArchitectureFigures } from "./compare-architectures.ts";

export interface ComparisonOutcome {
  readonly figures: readonly ArchitectureFigures[];
  /** Why there are no more; null when all were measured. */
  readonly error: unknown;
}

/**
 * Measures one after the other. One that fails costs only itself, too little memory above all; a stop ends it. What was measured until
 * then is not lost: all of them take many minutes.
 */
export async function measureEach(
  chosen: readonly ArchitectureFacts[],
  {
    measure,
    tell,
    say,
  }: {
    readonly measure: (facts: ArchitectureFacts) => Promise<ArchitectureFigures>;
    readonly tell: (step: string) => void;
    readonly say: (problem: string) => void;
  },
): Promise<ComparisonOutcome> {
  const figures: ArchitectureFigures[] = [];
  let failed = 0;
  for (const [i, facts] of chosen.entries()) {
    tell(`${i + 1} of ${chosen.length}: ${facts.name}`);
    try {
      figures.push(await measure(facts));
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== "BENCH_FAILED") return { figures, error };
      failed += 1;
      say(error.message);
    }
  }
  if (failed === 0) return { figures, error: null };
  const problem = `${failed} of ${chosen.length} architectures could not be measured; see above`;
  return { figures, error: new CliError("BENCH_FAILED", problem) };
}
