import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";

/** Who reads which tensor of a graph. */
export class GraphReaders {
  readonly #readers = new Map<string, GraphNode[]>();
  readonly #outputs: ReadonlySet<string>;

  constructor(graph: OnnxGraph) {
    this.#outputs = new Set(graph.outputs.keys());
    for (const node of graph.nodes) {
      for (const input of node.inputs) {
        const readers = this.#readers.get(input);
        if (readers === undefined) this.#readers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  of(tensor: string): readonly GraphNode[] {
    return this.#readers.get(tensor) ?? [];
  }

  /** By one node, once, and not by the graph's caller. */
  isReadOnce(tensor: string): boolean {
    return this.of(tensor).length === 1 && !this.#outputs.has(tensor);
  }
}
