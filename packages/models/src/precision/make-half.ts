import { ModelError } from "../model-error.ts";
import type { Parts } from "../onnx/wire.ts";
import { LARGEST_HALF } from "./half-float.ts";
import { halveGraph } from "./halve-graph.ts";
import { observeActivations, type Observation } from "./observe-activations.ts";
import { writeOnnxGraph } from "./onnx-graph.ts";

/** Pictures for which every activation is looked at. */
const WATCHED = 16;

/**
 * The network in float16. Its activations are looked at in float32, since a CPU computes them so and would not show what
 * becomes infinite on a GPU.
 *
 * @throws ModelError when weights or activations are beyond float16
 */
export async function makeHalf(source: Omit<Observation, "tensors">): Promise<Parts> {
  const { graph, pictures } = source;
  const half = halveGraph(graph);
  const tensors = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const watched = pictures.slice(0, WATCHED);
  const observed = await observeActivations({ ...source, tensors, pictures: watched });
  for (const [tensor, { least, greatest }] of observed) {
    const largest = Math.max(-least, greatest);
    if (largest <= LARGEST_HALF) continue;
    throw new ModelError(
      graph.name,
      `${tensor} reaches ${largest}, which float16 cannot hold (at most ${LARGEST_HALF}); use this model without --fp16`,
    );
  }
  return writeOnnxGraph(half);
}
