import type { SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";
import { ModelError, readModelDirectory } from "@sluice/models";
import type { EnsembleLabels } from "./check-labels.ts";

export interface ModelCheck {
  /** Of the ensembles whose members could all be read. */
  readonly labels: EnsembleLabels;
  /** One line per model that cannot be used, naming the setting. */
  readonly problems: readonly string[];
}

/** Reads what every configured model directory says of itself. The networks themselves are loaded by the worker. */
export async function checkModels(ensembles: SluiceConfig["ensembles"]): Promise<ModelCheck> {
  const labels = new Map<EnsembleName, readonly string[]>();
  const problems: string[] = [];
  for (const [name, { members }] of ensembles) {
    const read = await Promise.all(members.map(({ model }) => readLabels(model)));
    const wrong = read.flatMap((member, index) => {
      const problem = memberProblem(member, read);
      return problem === null ? [] : [`ensembles.${name}.members[${index}].model: ${problem}`];
    });
    problems.push(...wrong);
    const [first] = read;
    if (wrong.length === 0 && first?.kind === "labels") labels.set(name, first.labels);
  }
  return { labels, problems };
}

type MemberLabels =
  | { readonly kind: "labels"; readonly labels: readonly string[] }
  | { readonly kind: "unusable"; readonly problem: string };

async function readLabels(folder: string): Promise<MemberLabels> {
  try {
    const { labels } = await readModelDirectory(folder);
    return { kind: "labels", labels };
  } catch (error) {
    if (error instanceof ModelError) return { kind: "unusable", problem: error.message };
    throw error;
  }
}

function memberProblem(member: MemberLabels, all: readonly MemberLabels[]): string | null {
  if (member.kind === "unusable") return member.problem;
  const first = all.find((other) => other.kind === "labels");
  if (first === undefined || isSame(first.labels, member.labels)) return null;
  return "expected the labels of the first member, in the same order; scores of different labels cannot be averaged";
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label, index) => label === b[index]);
}
