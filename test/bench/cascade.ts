// An ensemble with its cascade against the same members all run for every picture, in turn, on pictures that it was not tuned on.
// Run: node --conditions=@sluice/source test/bench/cascade.ts <picture folder> <ensemble file> [rounds]
import { readEnsembleFile } from "@sluice/config";
import type { Classified } from "@sluice/contracts";
import { wilsonInterval } from "@sluice/model-fit";
import { listPictures, openEnsemble, type MeasuredEngine } from "./engine.ts";
import { compareInRounds } from "./rounds.ts";

const [folder = "", file = "", rounds = "5"] = process.argv.slice(2);
const inputs = await listPictures(folder);
const [, ensemble] = await readEnsembleFile(file, process.cwd());
const { cascade } = ensemble;
if (cascade === null) throw new Error(`${file} has no cascade`);
const members = ensemble.members.map(({ precision, ...member }) => {
  if (precision === "auto") throw new Error("name a precision");
  return { ...member, precision };
});
await using fast = await openEnsemble({ ...ensemble, members });
await using whole = await openEnsemble({ ...ensemble, members, cascade: null });

/** Per picture, which watched scores reach their thresholds; and how many pictures each stage decided. */
async function decide(engine: MeasuredEngine): Promise<{ sides: string[]; stages: number[] }> {
  const sides: string[] = [];
  const stages: number[] = [];
  await engine.classify(inputs, (classified) => {
    sides.push(sidesOf(classified));
    const stage = classified.cascade?.stage ?? 1;
    stages[stage - 1] = (stages[stage - 1] ?? 0) + 1;
  });
  return { sides, stages };
}

function sidesOf({ scores }: Classified): string {
  const exits = cascade?.exits ?? [];
  return exits
    .map(({ label, threshold }) => {
      const score = scores.find((one) => one.label === label)?.score ?? 0;
      return `${label}@${threshold}:${score >= threshold ? "over" : "under"}`;
    })
    .join(" ");
}

const [early, all] = [await decide(fast), await decide(whole)];
const changed = early.sides.filter((side, i) => side !== all.sides[i]).length;
const [, atMost] = wilsonInterval(changed, inputs.length);
const told = early.stages
  .map((count, stage) => `${count ?? 0} after stage ${stage + 1}`)
  .join(", ");
console.log(
  `${changed} of ${inputs.length} pictures decided otherwise (${((100 * changed) / inputs.length).toFixed(2)} %, with 95 % confidence at most ${(100 * atMost).toFixed(2)} %); decided: ${told}`,
);
await compareInRounds(Number(rounds), {
  title: "cascade against all members",
  ours: async () => inputs.length / (await fast.classify(inputs)),
  theirs: async () => inputs.length / (await whole.classify(inputs)),
});
