import type { Operation, Parameter, Pool, Step, Value } from "./operation.ts";
import { ShapeError } from "./shape-error.ts";
import { poolOutput, slide } from "./window.ts";

interface ConvOptions {
  readonly out: number;
  /** One number for a square kernel, or height and width. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  /** One number for all sides, or height and width. */
  readonly padding?: number | readonly [number, number];
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
    const stride = options.stride ?? 1;
    const [padY, padX] = pair(options.padding ?? 0);
    const groups = options.groups ?? 1;
    const [channels = 0, height = 0, width = 0] = x.shape;
    const shape = [options.out, channels / groups, ...kernel];
    return this.#add(
      {
        kind: "conv",
        weight: trained(`${name}.weight`, shape),
        bias: options.bias === true ? trained(`${name}.bias`, [options.out]) : null,
        kernel,
        stride: [stride, stride],
        pads: [padY, padX, padY, padX],
        dilation: 1,
        groups,
      },
      [x],
      [
        options.out,
        slide(height, { kernel: kernel[0], stride, padding: 2 * padY }),
        slide(width, { kernel: kernel[1], stride, padding: 2 * padX }),
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

  linear(
    name: string,
    x: Value,
    options: { readonly out: number; readonly bias?: boolean },
  ): Value {
    const features = x.shape[0] ?? 0;
    return this.#add(
      {
        kind: "linear",
        weight: trained(`${name}.weight`, [options.out, features]),
        bias: options.bias === false ? null : trained(`${name}.bias`, [options.out]),
      },
      [x],
      [options.out],
    );
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
