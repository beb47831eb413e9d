import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";

/** Give something of the shape of what they read first. */
const KEEPING: ReadonlySet<string> = new Set([
  "Add",
  "AveragePool",
  "BatchNormalization",
  "Clip",
  "GlobalAveragePool",
  "HardSigmoid",
  "MaxPool",
  "Mul",
  "Relu",
  "Sigmoid",
]);

/** Which tensors are pictures, `[batch, channels, height, width]`, and of how many channels. */
export class PictureChannels {
  readonly #graph: OnnxGraph;
  readonly #producers: ReadonlyMap<string, GraphNode>;
  readonly #known = new Map<string, number | null>();

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#producers = new Map(graph.nodes.map((node) => [node.outputs[0] ?? "", node]));
  }

  /** Null for what is no picture, or may be none. */
  of(tensor: string): number | null {
    const known = this.#known.get(tensor);
    if (known !== undefined) return known;
    const found = this.#find(tensor);
    this.#known.set(tensor, found);
    return found;
  }

  #find(tensor: string): number | null {
    const node = this.#producers.get(tensor);
    if (node === undefined) return null;
    const [input = "", weight = ""] = node.inputs;
    if (node.operator === "Conv") return this.#graph.initializers.get(weight)?.shape[0] ?? null;
    if (KEEPING.has(node.operator)) return this.of(input);
    if (node.operator !== "Concat") return null;
    return node.inputs
      .map((part) => this.of(part))
      .reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  }
}
