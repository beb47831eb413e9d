import { basename } from "node:path";
import type { EnsembleConfig, SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";
import { composeEnsemble, EnsembleInvalidError, type MemberFacts } from "@sluice/inference";
import { ModelError, pixelSpecOf, readModelDirectory, resolveCascade } from "@sluice/models";
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
  for (const [name, config] of ensembles) {
    const read = await Promise.all(config.members.map(readMember));
    const unusable = read.flatMap((member, i) =>
      typeof member === "string" ? [`ensembles.${name}.members[${i}].model: ${member}`] : [],
    );
    const members = read.filter((member) => typeof member !== "string");
    const composed = unusable.length > 0 ? null : compose(name, config, members);
    if (typeof composed === "string") problems.push(describe(name, composed));
    else if (composed !== null) labels.set(name, composed);
    problems.push(...unusable);
  }
  return { labels, problems };
}

/** What does not fit the members names its setting itself; everything else is about the members. */
function describe(name: EnsembleName, problem: string): string {
  return problem.startsWith("cascade.")
    ? `ensembles.${name}.${problem}`
    : `ensembles.${name}.members: ${problem}`;
}

/** Labels of the ensemble, or why its members do not belong together. */
function compose(
  name: EnsembleName,
  config: EnsembleConfig,
  members: readonly MemberFacts[],
): readonly string[] | string {
  try {
    const { fusion, views, frames, scoreFloor } = config;
    const parts = { name, members, fusion, views, frames, scoreFloor };
    return composeEnsemble({ ...parts, cascade: resolveCascade(config) }).ensemble.labels;
  } catch (error) {
    if (error instanceof EnsembleInvalidError) return error.message;
    throw error;
  }
}

/** What the model says of itself, or why it cannot be used. */
async function readMember({
  model,
  precision,
  weight,
  temperature,
  set,
}: EnsembleConfig["members"][number]): Promise<MemberFacts | string> {
  try {
    // Labels and pixels are the same in every precision, and which one `auto` becomes only the worker's machine can tell.
    const directory = await readModelDirectory(model, precision === "auto" ? "float32" : precision);
    const { digest, labels } = directory;
    const spec = pixelSpecOf(directory);
    return { model: basename(model), digest, labels, spec, weight, temperature, set };
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}
