import { encodeFloat, encodeInteger } from "./attributes.ts";
import { hardSigmoidLines, normLines, type ChannelLines } from "./channel-lines.ts";
import { floatConstant, type GraphNode, type Initializer, type OnnxGraph } from "./onnx-graph.ts";
import { PictureChannels } from "./picture-channels.ts";

/**
 * Writes operators that ONNX Runtime cannot run on integers by ones that it can. The network stays the same function.
 *
 * - A hard swish is a product with a hard sigmoid.
 * - A batch norm that is left (DenseNet's stand before convolutions, not behind them) and a hard sigmoid are lines, one for
 *   each channel: a convolution that filters every channel by itself with one weight. The ends of the hard sigmoid are a clip,
 *   which the quantisation behind it does.
 */
export function lowerForIntegers(float: OnnxGraph): OnnxGraph {
  const graph = { ...float, nodes: float.nodes.flatMap(partHardSwish) };
  const channels = new PictureChannels(graph);
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node): readonly GraphNode[] => {
    const count = channels.of(node.inputs[0] ?? "");
    const lines = count === null ? null : linesOf(node, graph, count);
    if (lines === null) return [node];
    const lowered = lowerToFilter(node, lines);
    for (const constant of lowered.constants) initializers.set(constant.name, constant);
    return lowered.nodes;
  });
  return { ...graph, nodes, initializers };
}

function partHardSwish(node: GraphNode): readonly GraphNode[] {
  if (node.operator !== "HardSwish") return [node];
  const [input = ""] = node.inputs;
  const [output = ""] = node.outputs;
  const gate = `${output}_gate`;
  const attributes = [encodeFloat("alpha", 1 / 6), encodeFloat("beta", 0.5)];
  return [
    { ...node, operator: "HardSigmoid", outputs: [gate], attributes },
    { ...node, operator: "Mul", inputs: [input, gate] },
  ];
}

function linesOf(node: GraphNode, graph: OnnxGraph, channels: number): ChannelLines | null {
  if (node.operator === "BatchNormalization") return normLines(node, graph);
  return node.operator === "HardSigmoid" ? hardSigmoidLines(node, channels) : null;
}

function lowerToFilter(
  { operator, inputs, outputs }: GraphNode,
  { slopes, shifts }: ChannelLines,
): { readonly nodes: readonly GraphNode[]; readonly constants: readonly Initializer[] } {
  const [input = ""] = inputs;
  const [output = ""] = outputs;
  const weight = floatConstant(`${output}_slopes`, [slopes.length, 1, 1, 1], slopes);
  const bias = floatConstant(`${output}_shifts`, [shifts.length], shifts);
  const filter: GraphNode = {
    operator: "Conv",
    domain: "",
    inputs: [input, weight.name, bias.name],
    outputs: [output],
    attributes: [encodeInteger("group", slopes.length)],
  };
  if (operator !== "HardSigmoid") return { nodes: [filter], constants: [weight, bias] };
  const line = `${output}_line`;
  const ends = [0, 1].map((end) => floatConstant(`${output}_end${end}`, [], Float32Array.of(end)));
  const clip: GraphNode = {
    operator: "Clip",
    domain: "",
    inputs: [line, ...ends.map(({ name }) => name)],
    outputs: [output],
    attributes: [],
  };
  return { nodes: [{ ...filter, outputs: [line] }, clip], constants: [weight, bias, ...ends] };
}
