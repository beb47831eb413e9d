import { dropSaturatedClips } from "./drop-saturated-clips.ts";
import { GraphReaders } from "./graph-readers.ts";
import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";
import { shareRanges } from "./share-ranges.ts";

/** Where integers flow in a network. */
export interface QuantizationPlan {
  /** The network without the activations that a saturating quantisation does by itself. */
  readonly graph: OnnxGraph;
  /** Layers whose weights become int8, by the name of their output. */
  readonly layers: ReadonlySet<string>;
  /** Each tensor that gets a Q/DQ pair → the tensor whose range it is quantised with, mostly itself. */
  readonly rangeOf: ReadonlyMap<string, string>;
}

/** Layers with weights: what is worth quantising. */
const LAYERS: ReadonlySet<string> = new Set(["Conv", "Gemm", "MatMul"]);

/** Give what they read, rearranged or chosen from; ONNX Runtime runs them on integers when both sides have one scale. */
const PASSING: ReadonlySet<string> = new Set(["MaxPool", "Flatten", "Reshape", "Transpose"]);

/** Run on integers by ONNX Runtime 1.30 when a Q/DQ pair stands on every side. */
const COMPUTING: ReadonlySet<string> = new Set([
  "Add",
  "AveragePool",
  "Concat",
  "GlobalAveragePool",
  "Mul",
  "Sigmoid",
]);

/** May vanish into the quantisation behind them. */
const CLIPS: ReadonlySet<string> = new Set(["Relu", "Clip"]);

/**
 * Decides which tensors are integers: all that layers with weights read, and what is computed on the way to it as far as ONNX
 * Runtime can do so in integers. What no such way leads from stays in float32: the average that gives SqueezeNet's scores
 * (rounding would make ties between classes), and between a transformer's layers everything that a layer norm reads.
 */
export function planQuantization(graph: OnnxGraph): QuantizationPlan {
  const readers = new GraphReaders(graph);
  const integer = findIntegerNodes(graph, readers);
  const ordered = graph.nodes.filter((node) => integer.has(node));
  const tensors = new Set(ordered.flatMap((node) => tensorsOf(node, integer, readers)));
  const dropped = dropSaturatedClips(graph, { readers, tensors, passing: PASSING });
  const layers = ordered.filter(isLayer).map((node) => dropped.rename(outputOf(node)));
  return {
    graph: dropped.graph,
    layers: new Set(layers),
    rangeOf: shareRanges(dropped.graph, { tensors: dropped.tensors, passing: PASSING }),
  };
}

/** From the back to the front, since what is computed for integers is an integer itself. */
function findIntegerNodes(graph: OnnxGraph, readers: GraphReaders): ReadonlySet<GraphNode> {
  const integer = new Set<GraphNode>();
  const transparent = new Set<GraphNode>();
  for (const node of graph.nodes.toReversed()) {
    const isReadAsInteger = readers
      .of(outputOf(node))
      .some((reader) => integer.has(reader) || transparent.has(reader));
    if (CLIPS.has(node.operator) && isReadAsInteger) transparent.add(node);
    if (isLayer(node) ? hasWeights(node, graph) : isReadAsInteger && canBeInteger(node, graph)) {
      integer.add(node);
    }
  }
  return integer;
}

function canBeInteger(node: GraphNode, { initializers }: OnnxGraph): boolean {
  if (!PASSING.has(node.operator) && !COMPUTING.has(node.operator)) return false;
  return dataInputs(node).every((input) => !initializers.has(input));
}

/** A product of two activations is none of these layers. */
function hasWeights({ inputs }: GraphNode, { initializers }: OnnxGraph): boolean {
  return inputs.slice(1).every((input) => initializers.has(input));
}

/** A fully connected layer may give float32 from integers; everything else gives integers. */
function tensorsOf(
  node: GraphNode,
  integer: ReadonlySet<GraphNode>,
  readers: GraphReaders,
): readonly string[] {
  const output = outputOf(node);
  const isFloat = isLayer(node) && node.operator !== "Conv" && !isReadBy(output, integer, readers);
  return [...dataInputs(node), ...(isFloat ? [] : [output])];
}

/** Directly or through a clip. */
function isReadBy(tensor: string, nodes: ReadonlySet<GraphNode>, readers: GraphReaders): boolean {
  return readers
    .of(tensor)
    .some(
      (reader) =>
        nodes.has(reader) ||
        (CLIPS.has(reader.operator) && isReadBy(outputOf(reader), nodes, readers)),
    );
}

/** Inputs that are activations; the others say how, or are weights. */
function dataInputs(node: GraphNode): readonly string[] {
  return isLayer(node) || PASSING.has(node.operator) ? node.inputs.slice(0, 1) : node.inputs;
}

function isLayer({ operator }: GraphNode): boolean {
  return LAYERS.has(operator);
}

function outputOf({ outputs }: GraphNode): string {
  return outputs[0] ?? "";
}
