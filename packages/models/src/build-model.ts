import type { Architecture, ImageSettings } from "./architectures/architecture.ts";
import { architectures, findArchitecture } from "./architectures/registry.ts";
import { writeModelDirectory } from "./directory/write-directory.ts";
import { foldBatchNorms } from "./graph/fold-batch-norm.ts";
import { ShapeError } from "./graph/shape-error.ts";
import { ModelError } from "./model-error.ts";
import { chooseNaming, type NamedGraph } from "./names/choose-naming.ts";
import { emitOnnx } from "./onnx/emit-graph.ts";
import { loadParameters } from "./weights/load-parameters.ts";
import { openWeights } from "./weights/open-weights.ts";
import type { WeightsFile } from "./weights/stored-tensor.ts";

export interface BuildOptions {
  /** Name as `sluice models list` prints it. */
  readonly architecture: string;
  /** safetensors or PyTorch file. */
  readonly weightsPath: string;
  readonly labels: readonly string[];
  /** Preprocessing; that of the weights' library when left out. */
  readonly image?: ImageSettings;
  readonly outDir: string;
  /** Keep batch norms as operations of their own, for checking; by default they are folded. */
  readonly keepBatchNorm?: boolean;
}

/**
 * Builds a model directory from weights. Deterministic: the same inputs give the same bytes.
 *
 * @throws ModelError for an unknown architecture or pictures too small for it, WeightsFileError when the weights do not fit
 */
export async function buildModelDirectory(options: BuildOptions): Promise<void> {
  const architecture = requireArchitecture(options.architecture);
  await using file = await openWeights(options.weightsPath);
  const { labels } = options;
  const crop = options.image?.crop ?? architecture.image.crop;
  const { naming, graph, parameters } = nameFor(architecture, labels.length, { crop, file });
  const weights = await loadParameters(file, {
    parameters,
    rename: naming.rename,
    ignored: architecture.auxiliary ?? [],
  });
  const whole = { graph, weights };
  const onnx = emitOnnx(
    options.keepBatchNorm === true ? whole : foldBatchNorms(whole),
    architecture.name,
  );
  await writeModelDirectory(options.outDir, {
    architecture: architecture.name,
    labels,
    image: options.image ?? naming.image ?? architecture.image,
    onnx,
  });
}

function nameFor(
  architecture: Architecture,
  classes: number,
  { crop, file }: { crop: number; file: WeightsFile },
): NamedGraph {
  try {
    return chooseNaming(architecture, { classes, inputSize: crop }, file.tensors);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ModelError(
      architecture.name,
      `cannot take pictures of ${crop}×${crop}: ${error.message}; choose a larger crop (published: ${architecture.image.crop})`,
      { cause: error },
    );
  }
}

function requireArchitecture(name: string): Architecture {
  const found = findArchitecture(name);
  if (found !== null) return found;
  const known = architectures.map((architecture) => architecture.name).join(", ");
  throw new ModelError(name, `there is no architecture of this name; known are ${known}`);
}
