import type { Architecture } from "../architectures/architecture.ts";
import { requireArchitecture } from "../architectures/require-architecture.ts";
import { chooseNaming, defineNamed } from "../names/choose-naming.ts";
import { openWeights } from "../weights/open-weights.ts";
import type { StoredTensor } from "../weights/stored-tensor.ts";

/**
 * For how many classes weights were trained: the rows of their classifier, else what the checkpoint says of itself; null
 * when neither is there.
 *
 * @throws ModelError for an unknown architecture, WeightsFileError for a file that is none
 */
export async function countClasses(plan: {
  readonly architecture: string;
  readonly weightsPath: string;
}): Promise<number | null> {
  const architecture = requireArchitecture(plan.architecture);
  await using file = await openWeights(plan.weightsPath);
  return countClassifierRows(file.tensors, architecture) ?? file.summary?.classes ?? null;
}

/** Rows of the classifier among the tensors of a file; null when it is not there under any of its names. */
export function countClassifierRows(
  tensors: ReadonlyMap<string, StoredTensor>,
  architecture: Architecture,
): number | null {
  for (const name of classifierOf(architecture, tensors)) {
    const rows = tensors.get(name)?.shape[0];
    if (rows !== undefined && rows > 0) return rows;
  }
  return null;
}

/**
 * Names that the file would have for the tensors whose first side is the number of classes: those that change with it.
 */
function classifierOf(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
): string[] {
  const size = { classes: 1, inputSize: architecture.image.crop };
  const { naming, parameters } = chooseNaming(architecture, size, tensors);
  const more = defineNamed(architecture, naming, { ...size, classes: 2 });
  const shapes = new Map(more.parameters.map(({ name, shape }) => [name, shape]));
  return parameters
    .filter(({ name, shape }) => shapes.get(name)?.[0] !== shape[0])
    .map(({ name }) => naming.rename(name));
}
