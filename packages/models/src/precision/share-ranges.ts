import { GraphReaders } from "./graph-readers.ts";
import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";

/**
 * Chooses for each quantised tensor the tensor whose range it takes. A pooling keeps the scale of what it reads. What nothing but
 * a concatenation reads takes the scale of the whole, so that joining is copying and values are rounded once.
 */
export function shareRanges(
  graph: OnnxGraph,
  {
    tensors,
    passing,
  }: {
    readonly tensors: ReadonlySet<string>;
    /** Operators that cannot change the scale of what they give. */
    readonly passing: ReadonlySet<string>;
  },
): ReadonlyMap<string, string> {
  const source = new Map<string, string>();
  for (const node of graph.nodes) {
    const [input = ""] = node.inputs;
    if (passing.has(node.operator) && tensors.has(input)) source.set(outputOf(node), input);
  }
  const passed = new Set(source.keys());
  const readers = new GraphReaders(graph);
  for (const node of graph.nodes) {
    if (node.operator !== "Concat" || !tensors.has(outputOf(node))) continue;
    const own = node.inputs.filter((part) => readers.isReadOnce(part) && !graph.inputs.has(part));
    for (const part of own) if (!passed.has(part)) source.set(part, outputOf(node));
  }
  return new Map([...tensors].map((tensor) => [tensor, follow(source, tensor)]));
}

function follow(source: ReadonlyMap<string, string>, tensor: string): string {
  let at = tensor;
  for (let next = source.get(at); next !== undefined; next = source.get(at)) at = next;
  return at;
}

function outputOf({ outputs }: GraphNode): string {
  return outputs[0] ?? "";
}
