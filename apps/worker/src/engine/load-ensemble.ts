import { basename } from "node:path";
import type { EnsembleName } from "@sluice/contracts";
import { ConfigError, type EnsembleConfig } from "@sluice/config";
import { composeEnsemble, type ComposedEnsemble, type MemberFacts } from "@sluice/inference";
import type { DeviceMember } from "@sluice/inference-onnx";
import { pixelSpecOf, readModelDirectory } from "@sluice/models";
import { cacheGraph } from "./graph-cache.ts";

export interface LoadedEnsemble extends ComposedEnsemble {
  readonly deviceMembers: readonly DeviceMember[];
}

/**
 * Reads the members' model directories, derives their production graphs (cached by digest), and puts them together.
 *
 * @throws ModelError when a directory cannot be used
 * @throws EnsembleInvalidError when members do not belong together
 */
export async function loadEnsemble(
  name: EnsembleName,
  config: EnsembleConfig,
  graphCacheDir: string,
): Promise<LoadedEnsemble> {
  const models = await Promise.all(
    config.members.map(async ({ model }) => await readModelDirectory(model)),
  );
  const members = models.map((model, i): MemberFacts => ({
    model: basename(model.folder),
    digest: model.digest,
    weight: config.members[i]?.weight ?? 1,
    temperature: config.members[i]?.temperature ?? 1,
    set: config.members[i]?.set ?? null,
    labels: model.labels,
    spec: pixelSpecOf(model),
  }));
  const composed = composeEnsemble({
    name,
    members,
    fusion: config.fusion,
    scoreFloor: config.scoreFloor,
  });
  const deviceMembers: DeviceMember[] = [];
  for (const [i, model] of models.entries()) {
    const graphPath = await cacheGraph(model, graphCacheDir);
    const spec = composed.specOfMember[i] ?? 0;
    const classes = model.labels.length;
    deviceMembers.push({ model: basename(model.folder), graphPath, spec, classes });
  }
  return { ...composed, deviceMembers };
}

/** The ensemble that this worker runs. @throws ConfigError when there is not exactly one */
export function chooseEnsemble(
  ensembles: ReadonlyMap<EnsembleName, EnsembleConfig>,
): [EnsembleName, EnsembleConfig] {
  const [first, ...others] = ensembles;
  if (first !== undefined && others.length === 0) return first;
  throw new ConfigError("ensembles", [
    `ensembles: expected exactly one, found ${ensembles.size}; a worker runs one ensemble`,
  ]);
}
