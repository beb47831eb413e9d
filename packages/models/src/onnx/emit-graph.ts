import type { WeightedGraph } from "../graph/fold-batch-norm.ts";
import type {
  Affine,
  BatchNorm,
  Conv,
  Join,
  Linear,
  Parameter,
  Pointwise,
  Pool,
  Reshape,
  Step,
  Value,
} from "../graph/operation.ts";
import { emitAttention, emitChannelAttention } from "./emit-attention.ts";
import {
  emitFirstToken,
  emitGelu,
  emitLayerNorm,
  emitLearned,
  emitTokenLinear,
  emitTokens,
} from "./emit-tokens.ts";
import {
  encodeGraph,
  encodeModel,
  encodeNode,
  encodeValueInfo,
  FLOAT,
  floatTensor,
  intTensor,
  type Node,
} from "./messages.ts";
import type { NodeSink, Place } from "./node-sink.ts";
import type { Parts } from "./wire.ts";

/**
 * Writes a network as an ONNX model: input `pixel_values` `[batch, 3, height, width]` float32, outputs `logits`
 * `[batch, classes]` and `embeddings` `[batch, features]`. The same network and weights always give the same bytes;
 * they come in parts, which share the weights' memory.
 */
export function emitOnnx({ graph, weights }: WeightedGraph, name: string): Parts {
  const emitter = new Emitter(weights);
  const names = new Map<number, string>([
    [graph.input.id, "pixel_values"],
    [graph.embeddings.id, "embeddings"],
    [graph.logits.id, "logits"],
  ]);
  for (const step of graph.steps) emitter.emit(step, (value) => nameOf(value, names));
  const port = (value: Value): Parts =>
    encodeValueInfo({ name: nameOf(value, names), type: FLOAT, shape: ["batch", ...value.shape] });
  return encodeModel(
    encodeGraph({
      name,
      nodes: emitter.nodes.map(encodeNode),
      initializers: emitter.initializers,
      inputs: [port(graph.input)],
      outputs: [port(graph.logits), port(graph.embeddings)],
    }),
  );
}

function nameOf(value: Value, names: ReadonlyMap<number, string>): string {
  return names.get(value.id) ?? `v${value.id}`;
}

class Emitter implements NodeSink {
  readonly nodes: Node[] = [];
  readonly initializers: Parts[] = [];
  readonly #weights: ReadonlyMap<string, Float32Array>;

  constructor(weights: ReadonlyMap<string, Float32Array>) {
    this.#weights = weights;
  }

  emit({ operation, inputs, output }: Step, name: (value: Value) => string): void {
    const [input = "", ...others] = inputs.map(name);
    const out = name(output);
    const place: Place = { input, out, shape: inputs[0]?.shape ?? [] };
    switch (operation.kind) {
      case "conv":
        return this.#layer("Conv", place, {
          layer: operation,
          attributes: convAttributes(operation),
        });
      case "linear":
        if (place.shape.length > 1) return emitTokenLinear(this, operation, place);
        return this.#layer("Gemm", place, { layer: operation, attributes: { transB: 1 } });
      case "batch-norm":
        return this.#batchNorm(operation, place);
      case "max-pool":
      case "average-pool":
        return this.node(POOLS[operation.kind], [input], [out], poolAttributes(operation));
      case "affine":
        return this.#affine(operation, place);
      case "silu":
        this.node("Sigmoid", [input], [`${out}_gate`]);
        return this.node("Mul", [input, `${out}_gate`], [out]);
      case "relu6":
        this.floats(`${out}_low`, [], Float32Array.of(0));
        this.floats(`${out}_high`, [], Float32Array.of(6));
        return this.node("Clip", [input, `${out}_low`, `${out}_high`], [out]);
      case "gelu":
        return emitGelu(this, place);
      case "layer-norm":
        return emitLayerNorm(this, operation, place);
      case "prepend":
      case "shift":
        return emitLearned(this, operation, place);
      case "tokens":
        return emitTokens(this, place);
      case "first-token":
        return emitFirstToken(this, place);
      case "attention":
        return emitAttention(this, operation, place);
      case "channel-attention":
        return emitChannelAttention(this, operation, place);
      default: {
        const [operator, attributes] = SIMPLE[operation.kind];
        return this.node(operator, [input, ...others], [out], attributes);
      }
    }
  }

  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Node["attributes"] = {},
  ): void {
    this.nodes.push({ operator, inputs, outputs, attributes });
  }

  floats(name: string, shape: readonly number[], values: Float32Array): string {
    this.initializers.push(floatTensor(name, shape, values));
    return name;
  }

  integers(name: string, values: readonly number[]): string {
    this.initializers.push(intTensor(name, values));
    return name;
  }

  weightsOf({ name }: Parameter): Float32Array {
    const values = this.#weights.get(name);
    if (values === undefined) throw new Error(`no weights for ${name}`);
    return values;
  }

  parameter(parameter: Parameter): string {
    return this.floats(parameter.name, parameter.shape, this.weightsOf(parameter));
  }

  #layer(
    operator: string,
    { input, out }: Place,
    { layer, attributes }: { layer: Conv | Linear; attributes: Node["attributes"] },
  ): void {
    const parameters = layer.bias === null ? [layer.weight] : [layer.weight, layer.bias];
    const constants = parameters.map((parameter) => this.parameter(parameter));
    this.node(operator, [input, ...constants], [out], attributes);
  }

  #batchNorm({ weight, bias, mean, variance, epsilon }: BatchNorm, { input, out }: Place): void {
    const constants = [weight, bias, mean, variance].map((parameter) => this.parameter(parameter));
    this.node("BatchNormalization", [input, ...constants], [out], { epsilon: { float: epsilon } });
  }

  #affine({ scale, shift }: Affine, { input, out }: Place): void {
    const shape = [1, scale.length, 1, 1];
    this.floats(`${out}_scale`, shape, Float32Array.from(scale));
    this.floats(`${out}_shift`, shape, Float32Array.from(shift));
    this.node("Mul", [input, `${out}_scale`], [`${out}_scaled`]);
    this.node("Add", [`${out}_scaled`, `${out}_shift`], [out]);
  }
}

const POOLS = { "max-pool": "MaxPool", "average-pool": "AveragePool" } as const;

function convAttributes({ kernel, stride, pads, dilation, groups }: Conv): Node["attributes"] {
  return {
    dilations: [dilation, dilation],
    group: groups,
    kernel_shape: [...kernel],
    pads: [...pads],
    strides: [...stride],
  };
}

function poolAttributes({
  kind,
  kernel,
  stride,
  pads,
  isCeil,
  countsPadding,
}: Pool): Node["attributes"] {
  return {
    ceil_mode: isCeil ? 1 : 0,
    ...(kind === "average-pool" && { count_include_pad: countsPadding ? 1 : 0 }),
    kernel_shape: [kernel, kernel],
    pads: [...pads],
    strides: [stride, stride],
  };
}

/** What is one node without weights. */
const SIMPLE: Readonly<
  Record<
    | Exclude<Pointwise["kind"], "relu6">
    | Join["kind"]
    | Exclude<Reshape["kind"], "tokens" | "first-token">,
    readonly [operator: string, attributes?: Node["attributes"]]
  >
> = {
  relu: ["Relu"],
  sigmoid: ["Sigmoid"],
  "hard-swish": ["HardSwish"],
  "hard-sigmoid": ["HardSigmoid", { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
  add: ["Add"],
  multiply: ["Mul"],
  concat: ["Concat", { axis: 1 }],
  "global-average-pool": ["GlobalAveragePool"],
  flatten: ["Flatten", { axis: 1 }],
};
