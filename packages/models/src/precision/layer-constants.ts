import { ModelError } from "../model-error.ts";
import { FLOAT } from "../onnx/messages.ts";
import { encodeInteger } from "./attributes.ts";
import { bytesOf, floatValues } from "./float-values.ts";
import type { GraphNode, Initializer, OnnxGraph } from "./onnx-graph.ts";
import { quantizeWeights, type WeightBits } from "./quantize-weights.ts";

/** TensorProto.DataType. */
const INT8 = 3;
const INT32 = 6;

/** Weights and bias of a layer as integers, and the DequantizeLinear nodes that a layer of floats reads them through. */
export interface LayerConstants {
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly GraphNode[];
  /** What the layer reads behind its activations. */
  readonly inputs: readonly string[];
}

export interface LayerOptions {
  /** Of the activations that the layer reads. */
  readonly inputScale: number;
  readonly weightBits: WeightBits;
  /** Names that are taken by other layers. */
  readonly isTaken: (initializer: string) => boolean;
}

/**
 * Each layer gets weights and a bias of its own, even if layers share them in float32: ONNX Runtime does not fuse a bias that
 * is read twice. The weights keep their name, which messages show, unless another layer has taken it.
 */
export function quantizeLayer(
  { operator, inputs, outputs }: GraphNode,
  graph: OnnxGraph,
  options: LayerOptions,
): LayerConstants {
  const [, weightName = "", biasName] = inputs;
  const [output = ""] = outputs;
  const { inputScale, weightBits: bits } = options;
  const weight = requireFloats(graph, weightName);
  const channelsAre = operator === "MatMul" ? "last" : "first";
  const axis = channelsAre === "first" ? 0 : weight.shape.length - 1;
  const layer = quantizeWeights({
    weights: floatValues(weight),
    bias: biasName === undefined ? null : floatValues(requireFloats(graph, biasName)),
    channels: weight.shape[axis] ?? 0,
    channelsAre,
    inputScale,
    bits,
  });
  const { values, scales, bias } = layer;
  const isTaken = options.isTaken(integerName(weightName));
  const constants = [
    dequantized(isTaken ? `${output}_${weightName}` : weightName, {
      type: INT8,
      shape: weight.shape,
      data: bytesOf(values),
      scales,
      axis,
    }),
  ];
  if (bias !== null) {
    const biasScales = scales.map((scale) => scale * inputScale);
    const integers = { type: INT32, shape: [bias.length], data: bytesOf(bias) };
    constants.push(dequantized(`${output}_bias`, { ...integers, scales: biasScales, axis: 0 }));
  }
  return {
    initializers: constants.flatMap(({ initializers }) => initializers),
    nodes: constants.map(({ node }) => node),
    inputs: constants.map(({ node }) => node.outputs[0] ?? ""),
  };
}

function integerName(name: string): string {
  return `${name}_quantized`;
}

function requireFloats({ initializers, name: model }: OnnxGraph, name: string): Initializer {
  const found = initializers.get(name);
  if (found?.type === FLOAT) return found;
  throw new ModelError(model, `${name} is not a float32 constant`);
}

/** Integers with a scale for each slice of a dimension; the zero points are zero. */
function dequantized(
  name: string,
  integers: Omit<Initializer, "name"> & { readonly scales: Float32Array; readonly axis: number },
): { readonly initializers: readonly Initializer[]; readonly node: GraphNode } {
  const { type, shape, data, scales, axis } = integers;
  const [values, scale, zero] = [
    integerName(name),
    `${name}_quantized_scale`,
    `${name}_quantized_zero`,
  ];
  const perChannel = [scales.length];
  const zeros = new Uint8Array(scales.length * (type === INT8 ? 1 : 4));
  return {
    initializers: [
      { name: values, type, shape, data },
      { name: scale, type: FLOAT, shape: perChannel, data: bytesOf(scales) },
      { name: zero, type, shape: perChannel, data: zeros },
    ],
    node: {
      operator: "DequantizeLinear",
      domain: "",
      inputs: [values, scale, zero],
      outputs: [name],
      attributes: [encodeInteger("axis", axis)],
    },
  };
}
