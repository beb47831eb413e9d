import { UINT8 } from "../onnx/messages.ts";
import { chooseScale, type ActivationScale, type ValueRange } from "./activation-scale.ts";
import { quantizeLayer } from "./layer-constants.ts";
import { floatConstant, type GraphNode, type Initializer, type OnnxGraph } from "./onnx-graph.ts";
import type { QuantizationPlan } from "./plan-quantization.ts";
import type { WeightBits } from "./quantize-weights.ts";

export interface Quantization {
  /** Of the tensors that the plan names as ranges. */
  readonly ranges: ReadonlyMap<string, ValueRange>;
  readonly weightBits: WeightBits;
}

/**
 * Writes a network in QDQ form: a QuantizeLinear/DequantizeLinear pair on every tensor of the plan, int8 weights and
 * int32 biases behind a DequantizeLinear. ONNX Runtime fuses them into integer operators when it loads the file; any
 * other runtime can compute it as it stands.
 */
export function quantizeGraph(plan: QuantizationPlan, quantization: Quantization): OnnxGraph {
  const writer = new QuantizedWriter(plan, quantization);
  const { graph } = plan;
  for (const name of graph.inputs.keys()) writer.addPair(name);
  for (const node of graph.nodes) writer.addNode(node);
  return writer.finish();
}

class QuantizedWriter {
  readonly #plan: QuantizationPlan;
  readonly #quantization: Quantization;
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();

  constructor(plan: QuantizationPlan, quantization: Quantization) {
    this.#plan = plan;
    this.#quantization = quantization;
  }

  addNode(node: GraphNode): void {
    const isLayer = this.#plan.layers.has(node.outputs[0] ?? "");
    const inputs = isLayer ? this.#addLayer(node) : node.inputs.map((input) => this.#read(input));
    const outputs = node.outputs.map((name) => this.#floatName(name));
    this.#nodes.push({ ...node, inputs, outputs });
    for (const name of node.outputs) this.addPair(name);
  }

  /** Quantises a tensor and gives it back in float32, if the plan says so. */
  addPair(tensor: string): void {
    const rangeName = this.#plan.rangeOf.get(tensor);
    if (rangeName === undefined) return;
    const { scale, zeroPoint } = this.#scaleOf(tensor);
    const [scaleName, zeroName] = [`${rangeName}_quantized_scale`, `${rangeName}_quantized_zero`];
    this.#add(floatConstant(scaleName, [], Float32Array.of(scale)));
    this.#add({ name: zeroName, type: UINT8, shape: [], data: Uint8Array.of(zeroPoint) });
    const convert = (operator: string, input: string, output: string): void => {
      const inputs = [input, scaleName, zeroName];
      this.#nodes.push({ operator, domain: "", inputs, outputs: [output], attributes: [] });
    };
    convert("QuantizeLinear", this.#floatName(tensor), `${tensor}_quantized`);
    convert("DequantizeLinear", `${tensor}_quantized`, this.#read(tensor));
  }

  finish(): OnnxGraph {
    return { ...this.#plan.graph, nodes: this.#nodes, initializers: this.#initializers };
  }

  /** The name under which a tensor is read. A constant comes along when it is first read. */
  #read(tensor: string): string {
    const constant = this.#plan.graph.initializers.get(tensor);
    if (constant !== undefined) this.#add(constant);
    if (!this.#plan.rangeOf.has(tensor)) return tensor;
    // The graph's outputs keep their names: what a caller sees is what the next layer reads.
    return this.#plan.graph.outputs.has(tensor) ? tensor : `${tensor}_dequantized`;
  }

  /** The name under which a tensor is computed. */
  #floatName(tensor: string): string {
    const isReplaced = this.#plan.rangeOf.has(tensor) && this.#plan.graph.outputs.has(tensor);
    return isReplaced ? `${tensor}_float` : tensor;
  }

  /** Gives what the layer reads. */
  #addLayer(layer: GraphNode): readonly string[] {
    const [input = ""] = layer.inputs;
    const constants = quantizeLayer(layer, this.#plan.graph, {
      inputScale: this.#scaleOf(input).scale,
      weightBits: this.#quantization.weightBits,
      isTaken: (name) => this.#initializers.has(name),
    });
    for (const initializer of constants.initializers) this.#add(initializer);
    this.#nodes.push(...constants.nodes);
    return [this.#read(input), ...constants.inputs];
  }

  #scaleOf(tensor: string): ActivationScale {
    const rangeName = this.#plan.rangeOf.get(tensor) ?? tensor;
    const range = this.#quantization.ranges.get(rangeName);
    if (range === undefined) throw new Error(`no range for ${rangeName}`);
    return chooseScale(range);
  }

  #add(initializer: Initializer): void {
    this.#initializers.set(initializer.name, initializer);
  }
}
