import type { WeightedGraph } from "../graph/fold-batch-norm.ts";
import type { Conv, Linear, Operation, Pool, Step, Value } from "../graph/operation.ts";
import {
  encodeGraph,
  encodeModel,
  encodeNode,
  encodeValueInfo,
  FLOAT,
  floatTensor,
  type Node,
} from "./messages.ts";
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

class Emitter {
  readonly nodes: Node[] = [];
  readonly initializers: Parts[] = [];
  readonly #weights: ReadonlyMap<string, Float32Array>;

  constructor(weights: ReadonlyMap<string, Float32Array>) {
    this.#weights = weights;
  }

  emit({ operation, inputs, output }: Step, name: (value: Value) => string): void {
    const names = inputs.map(name);
    const out = name(output);
    const add = (
      operator: string,
      more: readonly string[] = [],
      attributes: Node["attributes"] = {},
    ): void =>
      void this.nodes.push({ operator, inputs: [...names, ...more], outputs: [out], attributes });
    switch (operation.kind) {
      case "conv":
        return add("Conv", this.#constants(operation), convAttributes(operation));
      case "linear":
        return add("Gemm", this.#constants(operation), { transB: 1 });
      case "batch-norm":
        return add(
          "BatchNormalization",
          [operation.weight, operation.bias, operation.mean, operation.variance].map((p) =>
            this.#constant(p.name, p.shape),
          ),
          { epsilon: { float: operation.epsilon } },
        );
      case "max-pool":
      case "average-pool":
        return add(
          operation.kind === "max-pool" ? "MaxPool" : "AveragePool",
          [],
          poolAttributes(operation),
        );
      case "affine":
        return this.#affine({ operation, input: names[0] ?? "", out });
      case "silu":
        this.nodes.push({ operator: "Sigmoid", inputs: names, outputs: [`${out}_gate`] });
        return add("Mul", [`${out}_gate`]);
      default:
        return add(...simpleOperator(operation));
    }
  }

  #constants(layer: Conv | Linear): string[] {
    const parameters = layer.bias === null ? [layer.weight] : [layer.weight, layer.bias];
    return parameters.map(({ name, shape }) => this.#constant(name, shape));
  }

  #constant(name: string, shape: readonly number[]): string {
    const values = this.#weights.get(name);
    if (values === undefined) throw new Error(`no weights for ${name}`);
    this.initializers.push(floatTensor(name, shape, values));
    return name;
  }

  #affine({ operation, input, out }: { operation: Operation; input: string; out: string }): void {
    if (operation.kind !== "affine") return;
    const shape = [1, operation.scale.length, 1, 1];
    const [scale, shift] = [`${out}_scale`, `${out}_shift`];
    this.initializers.push(
      floatTensor(scale, shape, Float32Array.from(operation.scale)),
      floatTensor(shift, shape, Float32Array.from(operation.shift)),
    );
    this.nodes.push({ operator: "Mul", inputs: [input, scale], outputs: [`${out}_scaled`] });
    this.nodes.push({ operator: "Add", inputs: [`${out}_scaled`, shift], outputs: [out] });
  }
}

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

type Simple = Exclude<
  Operation["kind"],
  "conv" | "linear" | "batch-norm" | "max-pool" | "average-pool" | "affine" | "silu"
>;

const SIMPLE: Readonly<
  Record<Simple, [operator: string, more?: string[], attributes?: Node["attributes"]]>
> = {
  relu: ["Relu"],
  sigmoid: ["Sigmoid"],
  "hard-swish": ["HardSwish"],
  "hard-sigmoid": ["HardSigmoid", [], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }],
  add: ["Add"],
  multiply: ["Mul"],
  concat: ["Concat", [], { axis: 1 }],
  "global-average-pool": ["GlobalAveragePool"],
  flatten: ["Flatten", [], { axis: 1 }],
};

function simpleOperator({ kind }: { readonly kind: Simple }): (typeof SIMPLE)[Simple] {
  return SIMPLE[kind];
}
