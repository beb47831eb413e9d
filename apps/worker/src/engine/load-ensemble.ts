import { createHash } from "node:crypto";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { EnsembleName } from "@sluice/contracts";
import { ConfigError, type EnsembleConfig } from "@sluice/config";
import { deriveEnsembleDigest, type Ensemble, type PixelSpec } from "@sluice/inference";
import {
  deriveProductionGraph,
  ModelError,
  readModelDirectory,
  type ModelDirectory,
} from "@sluice/models";

/** Changes when the derivation of production graphs changes, so that an old cache is never used. */
const GRAPH_VERSION = "g1";

export interface LoadedEnsemble {
  readonly ensemble: Ensemble;
  readonly specs: readonly PixelSpec[];
  readonly members: readonly { readonly graphPath: string; readonly spec: number }[];
}

/**
 * Reads the members' model directories, derives their production graphs (cached by digest), and finds which pixels
 * they share.
 *
 * @throws ModelError when a directory cannot be used, or members have different labels
 */
export async function loadEnsemble(
  name: EnsembleName,
  config: EnsembleConfig,
  graphCacheDir: string,
): Promise<LoadedEnsemble> {
  const models = await Promise.all(
    config.members.map(async ({ model }) => await readModelDirectory(model)),
  );
  const labels = requireSameLabels(models);
  const specs = distinctSpecs(models);
  const members = models.map((model, i) => ({
    model: basename(model.folder),
    digest: model.digest,
    weight: config.members[i]?.weight ?? 1,
  }));
  const { scoreFloor } = config;
  const digest = deriveEnsembleDigest({ members, scoreFloor });
  const graphs = [];
  for (const model of models) {
    const spec = specs.findIndex((other) => isSameSpec(other, specOf(model)));
    graphs.push({ graphPath: await cacheGraph(model, graphCacheDir), spec });
  }
  return { ensemble: { name, digest, labels, members, scoreFloor }, specs, members: graphs };
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

function requireSameLabels(models: readonly ModelDirectory[]): readonly string[] {
  const [first, ...others] = models;
  const labels = first?.labels ?? [];
  for (const other of others) {
    if (other.labels.join("\n") === labels.join("\n")) continue;
    throw new ModelError(
      join(other.folder, "config.json"),
      `its labels differ from those of ${first?.folder ?? ""}: members of one ensemble must have the same labels in the same order`,
    );
  }
  return labels;
}

function specOf({ preprocessing }: ModelDirectory): PixelSpec {
  const { fit, resize, cropHeight, cropWidth, interpolation } = preprocessing;
  return { fit, resize, height: cropHeight, width: cropWidth, interpolation };
}

function distinctSpecs(models: readonly ModelDirectory[]): PixelSpec[] {
  const specs: PixelSpec[] = [];
  for (const spec of models.map(specOf)) {
    if (!specs.some((other) => isSameSpec(other, spec))) specs.push(spec);
  }
  return specs;
}

function isSameSpec(a: PixelSpec, b: PixelSpec): boolean {
  return (
    a.fit === b.fit &&
    a.resize === b.resize &&
    a.height === b.height &&
    a.width === b.width &&
    a.interpolation === b.interpolation
  );
}

async function cacheGraph(model: ModelDirectory, folder: string): Promise<string> {
  const key = createHash("sha256").update(`${GRAPH_VERSION}\n${model.digest}`).digest("hex");
  const path = join(folder, `${key}.onnx`);
  if (await exists(path)) return path;
  await mkdir(folder, { recursive: true });
  const building = `${path}.${process.pid}.tmp`;
  await writeFile(building, await deriveProductionGraph(model));
  await rename(building, path);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false, // absent, or not ours to see: writing it will tell
  );
}
