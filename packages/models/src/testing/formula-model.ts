import { defineGraph } from "../architectures/architecture.ts";
import { findArchitecture } from "../architectures/registry.ts";
import { foldBatchNorms } from "../graph/fold-batch-norm.ts";
import { listParameters } from "../graph/measure.ts";
import { emitOnnx } from "../onnx/emit-graph.ts";
import { loadParameters } from "../weights/load-parameters.ts";
import type { Gains } from "../random/formula-tensor.ts";
import { formulaWeights } from "../random/formula-weights.ts";

/** The ONNX file of an architecture with weights by the formula, batch norms folded. */
export async function formulaModel(options: {
  readonly architecture: string;
  readonly inputSize: number;
  readonly classes: number;
  readonly gains: Gains;
}): Promise<Buffer> {
  const architecture = findArchitecture(options.architecture);
  if (architecture === null) throw new Error(`no architecture ${options.architecture}`);
  const graph = defineGraph(architecture, options);
  const parameters = listParameters(graph);
  const source = formulaWeights(parameters, options.gains);
  const weights = await loadParameters(source, { parameters, ignored: [] });
  return Buffer.concat(emitOnnx(foldBatchNorms({ graph, weights }), architecture.name));
}
