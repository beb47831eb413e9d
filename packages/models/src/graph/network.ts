import type { Operation, Parameter, Pool, Step, Value } from "./operation.ts";
import { ShapeError } from "./shape-error.ts";
import { poolOutput, samePadding, slide } from "./window.ts";

interface ConvOptions {
  readonly out: number;
  /** One number for a square kernel, or height and width. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  /**
   * One number for all sides, or height and width; "same": as much as TensorFlow adds so that the output has
   * `ceil(input / stride)` pixels, the odd one behind.
   */
  readonly padding?: number | readonly [number, number] | "same";
  readonly groups?: number;
  readonly bias?: boolean;
}

interface PoolOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly ceil?: boolean;
  readonly countsPadding?: boolean;
}

/**
 * What an architecture is written with: each method adds one layer and gives the value behind it. Layers with
 * weights take the name that torchvision's state dict gives them, so that parameter counts, loading and the
 * graph all follow from one definition. Shapes leave the batch dimension out.
 */
export class Network {
  readonly steps: Step[] = [];
  readonly input: Value;
  #nextId = 1;

  /** @param inputSize height and width of the pictures in pixels, three channels */
  constructor(inputSize: number) {
    this.input = { id: 0, shape: [3, inputSize, inputSize] };
  }

  conv(name: string, x: Value, options: ConvOptions): Value {
    const kernel = pair(options.kernel);
    const { stride = 1, groups = 1, padding = 0 } = options;
    const [channels = 0, height = 0, width = 0] = x.shape;
    const vertical = { kernel: kernel[0], stride };
    const horizontal = { kernel: kernel[1], stride };
    const [padY, padX] = padding === "same" ? [null, null] : pair(padding);
    const [top, bottom] = padY === null ? samePadding(height, vertical) : [padY, padY];
    const [left, right] = padX === null ? samePadding(width, horizontal) : [padX, padX];
    return this.#add(
      {
        kind: "conv",
        weight: trained(`${name}.weight`, [options.out, channels / groups, ...kernel]),
        bias: options.bias === true ? trained(`${name}.bias`, [options.out]) : null,
        kernel,
        stride: [stride, stride],
        pads: [top, left, bottom, right],
        dilation: 1,
        groups,
      },
      [x],
      [
        options.out,
        slide(height, { ...vertical, padding: top + bottom }),
        slide(width, { ...horizontal, padding: left + right }),
      ],
    );
  }

  batchNorm(name: string, x: Value, options: { readonly epsilon?: number } = {}): Value {
    const size = [x.shape[0] ?? 0];
    return this.#add(
      {
        kind: "batch-norm",
        weight: trained(`${name}.weight`, size),
        bias: trained(`${name}.bias`, size),
        mean: statistic(`${name}.running_mean`, size),
        variance: statistic(`${name}.running_var`, size),
        epsilon: options.epsilon ?? 1e-5,
      },
      [x],
      x.shape,
    );
  }

  /** Over the features; of each token where there are several. torch's attention joins names with an underscore. */
  linear(
    name: string,
    x: Value,
    options: { readonly out: number; readonly bias?: boolean; readonly joint?: "." | "_" },
  ): Value {
    const features = x.shape.at(-1) ?? 0;
    const { out, bias = true, joint = "." } = options;
    return this.#add(
      {
        kind: "linear",
        weight: trained(`${name}${joint}weight`, [out, features]),
        bias: bias ? trained(`${name}${joint}bias`, [out]) : null,
      },
      [x],
      [...x.shape.slice(0, -1), out],
    );
  }

  layerNorm(name: string, x: Value, { epsilon }: { readonly epsilon: number }): Value {
    const size = [x.shape.at(-1) ?? 0];
    const [weight, bias] = [trained(`${name}.weight`, size), trained(`${name}.bias`, size)];
    return this.#add({ kind: "layer-norm", weight, bias, epsilon }, [x], x.shape);
  }

  maxPool(x: Value, options: PoolOptions): Value {
    return this.#pool("max-pool", x, options);
  }

  averagePool(x: Value, options: PoolOptions): Value {
    return this.#pool("average-pool", x, options);
  }

  /** Mean over height and width, giving `[channels, 1, 1]`. */
  globalAveragePool(x: Value): Value {
    return this.#add({ kind: "global-average-pool" }, [x], [x.shape[0] ?? 0, 1, 1]);
  }

  flatten(x: Value): Value {
    return this.#add({ kind: "flatten" }, [x], [x.shape.reduce((a, b) => a * b, 1)]);
  }

  relu(x: Value): Value {
    return this.#add({ kind: "relu" }, [x], x.shape);
  }

  /** min(max(x, 0), 6) */
  relu6(x: Value): Value {
    return this.#add({ kind: "relu6" }, [x], x.shape);
  }

  gelu(x: Value): Value {
    return this.#add({ kind: "gelu" }, [x], x.shape);
  }

  silu(x: Value): Value {
    return this.#add({ kind: "silu" }, [x], x.shape);
  }

  sigmoid(x: Value): Value {
    return this.#add({ kind: "sigmoid" }, [x], x.shape);
  }

  hardSwish(x: Value): Value {
    return this.#add({ kind: "hard-swish" }, [x], x.shape);
  }

  hardSigmoid(x: Value): Value {
    return this.#add({ kind: "hard-sigmoid" }, [x], x.shape);
  }

  affine(x: Value, scale: readonly number[], shift: readonly number[]): Value {
    return this.#add({ kind: "affine", scale, shift }, [x], x.shape);
  }

  add(a: Value, b: Value): Value {
    return this.#add({ kind: "add" }, [a, b], a.shape);
  }

  /** `gate` may have height and width 1: it is spread over `x`. */
  multiply(x: Value, gate: Value): Value {
    return this.#add({ kind: "multiply" }, [x, gate], x.shape);
  }

  /** `[channels, height, width]` as one token per pixel, row by row: `[height * width, channels]`. */
  tokens(x: Value): Value {
    const [channels = 0, height = 0, width = 0] = x.shape;
    return this.#add({ kind: "tokens" }, [x], [height * width, channels]);
  }

  firstToken(x: Value): Value {
    return this.#add({ kind: "first-token" }, [x], [x.shape[1] ?? 0]);
  }

  /** A learned token before the others. */
  prepend(name: string, x: Value): Value {
    const [tokens = 0, features = 0] = x.shape;
    const value = trained(name, [1, 1, features]);
    return this.#add({ kind: "prepend", value }, [x], [tokens + 1, features]);
  }

  /** Adds a learned number to each feature of each token. */
  shift(name: string, x: Value): Value {
    return this.#add({ kind: "shift", value: trained(name, [1, ...x.shape]) }, [x], x.shape);
  }

  /** @param x queries, keys and values side by side: `[tokens, 3 * features]` */
  attention(x: Value, { heads }: { readonly heads: number }): Value {
    const [tokens = 0, packed = 0] = x.shape;
    return this.#add({ kind: "attention", heads }, [x], [tokens, packed / 3]);
  }

  /** fastai's SimpleSelfAttention; what torch's spectral norm keeps beside the weight belongs to it. */
  channelAttention(name: string, x: Value): Value {
    const [channels = 0] = x.shape;
    const conv = `${name}.conv.weight`;
    return this.#add(
      {
        kind: "channel-attention",
        weight: trained(`${conv}_orig`, [channels, channels, 1]),
        u: statistic(`${conv}_u`, [channels]),
        v: statistic(`${conv}_v`, [channels]),
        gamma: trained(`${name}.gamma`, [1]),
      },
      [x],
      x.shape,
    );
  }

  /** Joins along the channels. */
  concat(...parts: readonly Value[]): Value {
    const channels = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
    return this.#add({ kind: "concat" }, parts, [channels, ...(parts[0]?.shape.slice(1) ?? [])]);
  }

  #pool(kind: Pool["kind"], x: Value, options: PoolOptions): Value {
    const { kernel, stride = kernel, padding = 0, ceil = false, countsPadding = true } = options;
    const [channels = 0, height = 0, width = 0] = x.shape;
    const window = { kernel, stride, padding, isCeil: ceil };
    return this.#add(
      {
        kind,
        kernel,
        stride,
        pads: [padding, padding, padding, padding],
        isCeil: ceil,
        countsPadding,
      },
      [x],
      [channels, poolOutput(height, window), poolOutput(width, window)],
    );
  }

  #add(operation: Operation, inputs: readonly Value[], shape: readonly number[]): Value {
    if (shape.some((size) => size < 1 || !Number.isInteger(size))) {
      throw new ShapeError(
        `the pictures are too small for this architecture: a ${operation.kind} would give [${shape.join(", ")}]`,
      );
    }
    const output = { id: this.#nextId++, shape };
    this.steps.push({ operation, inputs, output });
    return output;
  }
}

function pair(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function trained(name: string, shape: readonly number[]): Parameter {
  return { name, shape, isTrained: true };
}

function statistic(name: string, shape: readonly number[]): Parameter {
  return { name, shape, isTrained: false };
}
