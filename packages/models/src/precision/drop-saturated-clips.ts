import { floatValues } from "./float-values.ts";
import type { GraphReaders } from "./graph-readers.ts";
import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";

export interface SaturatingGraph {
  readonly graph: OnnxGraph;
  readonly tensors: ReadonlySet<string>;
  /** From the output of a node in the graph that was given to that in the new one. */
  rename(output: string): string;
}

/**
 * Takes out each ReLU, and each clip from zero, whose result is quantised: the range of that result begins at zero, so the
 * quantisation saturates there by itself. The node before gives the ReLU's tensor instead of its own.
 */
export function dropSaturatedClips(
  graph: OnnxGraph,
  {
    readers,
    tensors,
    passing,
  }: {
    readonly readers: GraphReaders;
    readonly tensors: ReadonlySet<string>;
    /** Operators that cannot change the scale of what they give. */
    readonly passing: ReadonlySet<string>;
  },
): SaturatingGraph {
  const producers = new Map(graph.nodes.map((node) => [node.outputs[0] ?? "", node]));
  const renamed = new Map<string, string>();
  const dropped = new Set<GraphNode>();
  for (const node of graph.nodes) {
    const [input = ""] = node.inputs;
    const [output = ""] = node.outputs;
    const before = producers.get(input);
    const isQuantized = tensors.has(input) || tensors.has(output);
    if (!isQuantized || before === undefined || passing.has(before.operator)) continue;
    if (!clipsAtZero(node, graph) || !readers.isReadOnce(input)) continue;
    renamed.set(input, output);
    dropped.add(node);
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = graph.nodes
    .filter((node) => !dropped.has(node))
    .map((node) => ({ ...node, outputs: node.outputs.map(rename) }));
  return { graph: { ...graph, nodes }, tensors: new Set([...tensors].map(rename)), rename };
}

/** ReLU, or a Clip whose lower bound is zero: its upper bound is within the range of what it gives. */
function clipsAtZero({ operator, inputs }: GraphNode, { initializers }: OnnxGraph): boolean {
  if (operator === "Relu") return true;
  if (operator !== "Clip") return false;
  const least = initializers.get(inputs[1] ?? "");
  return least !== undefined && floatValues(least)[0] === 0;
}
