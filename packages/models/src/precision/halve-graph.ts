import { ModelError } from "../model-error.ts";
import { FLOAT, FLOAT16 } from "../onnx/messages.ts";
import { encodeInteger } from "./attributes.ts";
import { floatValues } from "./float-values.ts";
import { LARGEST_HALF, toHalf } from "./half-float.ts";
import type { GraphNode, Initializer, OnnxGraph } from "./onnx-graph.ts";

/**
 * The network in float16, for GPUs. Inputs and outputs stay float32 and are cast at the border, as in the fp16 files of the
 * hub that transformers.js loads (`convert_float_to_float16` with `keep_io_types`).
 *
 * @throws ModelError naming the first weight that float16 cannot hold
 */
export function halveGraph(graph: OnnxGraph): OnnxGraph {
  const initializers = [...graph.initializers].map(([name, tensor]): [string, Initializer] => [
    name,
    tensor.type === FLOAT ? halveTensor(tensor, graph.name) : tensor,
  ]);
  const casts = {
    before: [...graph.inputs.keys()].map((name) => cast(name, inner(name), FLOAT16)),
    behind: [...graph.outputs.keys()].map((name) => cast(inner(name), name, FLOAT)),
  };
  const isBorder = (name: string): boolean => graph.inputs.has(name) || graph.outputs.has(name);
  const rename = (name: string): string => (isBorder(name) ? inner(name) : name);
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return {
    ...graph,
    initializers: new Map(initializers),
    nodes: [...casts.before, ...nodes, ...casts.behind],
  };
}

function inner(name: string): string {
  return `${name}_half`;
}

function cast(input: string, output: string, to: number): GraphNode {
  return {
    operator: "Cast",
    domain: "",
    inputs: [input],
    outputs: [output],
    attributes: [encodeInteger("to", to)],
  };
}

function halveTensor(tensor: Initializer, file: string): Initializer {
  const values = floatValues(tensor);
  const halves = toHalf(values);
  const tooLarge = halves.findIndex((bits) => (bits & 0x7c00) === 0x7c00);
  if (tooLarge !== -1) {
    throw new ModelError(
      file,
      `${tensor.name} holds ${values[tooLarge]}, which float16 cannot (at most ${LARGEST_HALF}); use this model without --fp16`,
    );
  }
  return { ...tensor, type: FLOAT16, data: new Uint8Array(halves.buffer) };
}
