import { readNodes, type GraphNode } from "./onnx-graph.ts";

/** Float layers; `FusedConv` and `FusedGemm` are ONNX Runtime's names when an activation is merged in. */
const FLOAT_LAYERS: ReadonlySet<string> = new Set(["Conv", "FusedConv", "Gemm", "FusedGemm"]);
/** Products, float layers when one side is constant. */
const FLOAT_PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "FusedMatMul"]);

/** What ONNX Runtime really runs. */
export interface OperatorCount {
  /** How often each operator occurs, most frequent first. */
  readonly counts: Readonly<Record<string, number>>;
  /** Weights of the layers that are still computed in float32. */
  readonly floatLayers: readonly string[];
}

/**
 * @param optimized the graph as ONNX Runtime wrote it after its own changes
 * @throws ModelError, WireError when the bytes are no ONNX model
 */
export function countOperators(optimized: Buffer, file: string): OperatorCount {
  const nodes = readNodes(optimized, file);
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const sorted = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const floatLayers = nodes.filter((node) => isFloatLayer(node, producers)).map(weightsOf);
  return { counts: Object.fromEntries(sorted), floatLayers };
}

type Producers = ReadonlyMap<string, GraphNode>;

function isFloatLayer(node: GraphNode, producers: Producers): boolean {
  if (FLOAT_LAYERS.has(node.operator)) return true;
  return FLOAT_PRODUCTS.has(node.operator) && isConstant(weightsOf(node), producers);
}

/** A second factor that no node gives is a constant: a picture classifier's one input is read first. */
function isConstant(name: string, producers: Producers): boolean {
  const node = producers.get(name);
  if (node === undefined) return true;
  return node.operator === "DequantizeLinear" && isConstant(node.inputs[0] ?? "", producers);
}

function weightsOf({ operator, inputs, outputs }: GraphNode): string {
  return inputs[1] ?? outputs[0] ?? operator;
}
