import type { Architecture, ImageSettings } from "./architectures/architecture.ts";
import { requireArchitecture } from "./architectures/require-architecture.ts";
import { writeModelDirectory } from "./directory/write-directory.ts";
import { foldBatchNorms, type WeightedGraph } from "./graph/fold-batch-norm.ts";
import { countMultiplyAdds, countParameters } from "./graph/measure.ts";
import { ShapeError } from "./graph/shape-error.ts";
import { ModelError } from "./model-error.ts";
import { chooseNaming, type NamedGraph } from "./names/choose-naming.ts";
import { emitOnnx } from "./onnx/emit-graph.ts";
import { formulaWeights } from "./random/formula-weights.ts";
import { loadParameters } from "./weights/load-parameters.ts";
import { openWeights } from "./weights/open-weights.ts";
import type { StoredTensor } from "./weights/stored-tensor.ts";

/** What a model directory is made of. */
export interface ModelPlan {
  /** Name as `sluice models list` prints it. */
  readonly architecture: string;
  /** safetensors or PyTorch file; null for weights by a formula, which know nothing and cost what trained ones cost. */
  readonly weightsPath: string | null;
  readonly labels: readonly string[];
  /** Preprocessing; that of the weights' library when left out. */
  readonly image?: ImageSettings;
}

export interface BuildOptions extends ModelPlan {
  readonly outDir: string;
  /** Keep batch norms as operations of their own, for checking; by default they are folded. */
  readonly keepBatchNorm?: boolean;
  /** Adds files (precision variants) before the directory takes its place; when it throws, nothing is left behind. */
  readonly complete?: ((folder: string) => Promise<void>) | undefined;
}

export interface BuildFacts {
  readonly architecture: string;
  readonly classes: number;
  /** Trained weights, with the classifier for this number of classes. */
  readonly parameters: number;
  /** Multiply-adds of one picture. */
  readonly macs: number;
  readonly image: ImageSettings;
}

/**
 * Builds a model directory from weights. Deterministic: the same inputs give the same bytes.
 *
 * @throws ModelError for an unknown architecture or pictures too small for it, WeightsFileError when the weights do not fit;
 *   whatever `complete` throws
 */
export async function buildModelDirectory(options: BuildOptions): Promise<BuildFacts> {
  const { whole, facts } = await prepare(options);
  const onnx = emitOnnx(
    options.keepBatchNorm === true ? whole : foldBatchNorms(whole),
    facts.architecture,
  );
  const { architecture, image } = facts;
  const { labels, complete } = options;
  await writeModelDirectory(options.outDir, { architecture, labels, image, onnx, complete });
  return facts;
}

/** Everything that building does but writing: reads all weights and throws what building would throw. */
export async function checkBuild(plan: ModelPlan): Promise<BuildFacts> {
  return (await prepare(plan)).facts;
}

async function prepare(plan: ModelPlan): Promise<{ whole: WeightedGraph; facts: BuildFacts }> {
  const architecture = requireArchitecture(plan.architecture);
  const { weights, named } =
    plan.weightsPath === null
      ? await inventWeights(architecture, plan)
      : await readWeights(architecture, plan, plan.weightsPath);
  const { graph, naming } = named;
  const facts = {
    architecture: architecture.name,
    classes: plan.labels.length,
    parameters: countParameters(graph),
    macs: countMultiplyAdds(graph),
    image: plan.image ?? naming.image ?? architecture.image,
  };
  return { whole: { graph, weights }, facts };
}

interface NamedWeights {
  readonly named: NamedGraph;
  readonly weights: Map<string, Float32Array>;
}

async function readWeights(
  architecture: Architecture,
  plan: ModelPlan,
  weightsPath: string,
): Promise<NamedWeights> {
  await using file = await openWeights(weightsPath);
  const named = nameFor(architecture, plan, file.tensors);
  const weights = await loadParameters(file, {
    parameters: named.parameters,
    rename: named.naming.rename,
    ignored: architecture.auxiliary ?? [],
  });
  return { named, weights };
}

/**
 * A little below what keeps the variance: with 1, fifty residual blocks grow the logits to 6e11, which float16 cannot hold.
 */
const RANDOM_GAIN = 0.85;

async function inventWeights(architecture: Architecture, plan: ModelPlan): Promise<NamedWeights> {
  const named = nameFor(architecture, plan, new Map());
  const { parameters } = named;
  const file = formulaWeights(parameters, [["", RANDOM_GAIN]]);
  return { named, weights: await loadParameters(file, { parameters, ignored: [] }) };
}

function nameFor(
  architecture: Architecture,
  { labels, image }: ModelPlan,
  tensors: ReadonlyMap<string, StoredTensor>,
): NamedGraph {
  const inputSize = image?.crop ?? architecture.image.crop;
  try {
    return chooseNaming(architecture, { classes: labels.length, inputSize }, tensors);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ModelError(
      architecture.name,
      `cannot take pictures of ${inputSize}×${inputSize}: ${error.message}; choose a larger crop (published: ${architecture.image.crop})`,
      { cause: error },
    );
  }
}
