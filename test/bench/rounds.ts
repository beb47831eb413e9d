import { loadavg } from "node:os";
import { median } from "../../apps/cli/src/bench/statistics.ts";

/**
 * Runs two ways in turn, so that a machine that others use, too, is as slow for one as for the other, and prints the median of the
 * rounds' ratios. Each way gives images per second. One run of each comes before and does not count.
 */
export async function compareInRounds(
  rounds: number,
  ways: {
    readonly ours: () => Promise<number>;
    readonly theirs: () => Promise<number>;
    readonly title: string;
  },
): Promise<number> {
  await ways.ours();
  await ways.theirs();
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const early = round % 2 === 0 ? await ways.ours() : null;
    const theirs = await ways.theirs();
    const ours = early ?? (await ways.ours());
    ratios.push(ours / theirs);
    console.log(
      `  ${ours.toFixed(1)}/s against ${theirs.toFixed(1)}/s: ${(ours / theirs).toFixed(2)}`,
    );
  }
  const load = loadavg()[0] ?? Number.NaN;
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(
    `${ways.title}: ${median(ratios).toFixed(2)} (${spread}, ${rounds} rounds, load ${load.toFixed(1)})`,
  );
  return median(ratios);
}
