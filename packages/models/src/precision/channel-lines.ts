import { readFloat } from "./attributes.ts";
import { floatValues } from "./float-values.ts";
import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";

/** `slope[c]·x + shift[c]` in each channel. */
export interface ChannelLines {
  readonly slopes: Float32Array;
  readonly shifts: Float32Array;
}

/** ONNX's defaults. */
const EPSILON = 1e-5;
const ALPHA = 0.2;
const BETA = 0.5;

/** `(x−µ)·γ/√(σ²+ε) + β`, in double precision and rounded once. */
export function normLines(
  { inputs, attributes }: GraphNode,
  { initializers }: OnnxGraph,
): ChannelLines {
  const [gamma, beta, mean, variance] = inputs.slice(1).map((name) => {
    const found = initializers.get(name);
    if (found === undefined) throw new Error(`${name} is no constant`);
    return floatValues(found);
  });
  if (!gamma || !beta || !mean || !variance) throw new Error("a batch norm has four constants");
  const epsilon = readFloat(attributes, "epsilon") ?? EPSILON;
  const slopes = Float64Array.from(gamma, (g, c) => g / Math.sqrt((variance[c] ?? 1) + epsilon));
  const shifts = Float32Array.from(beta, (b, c) => b - (mean[c] ?? 0) * (slopes[c] ?? 0));
  return { slopes: Float32Array.from(slopes), shifts };
}

/** `αx + β`, before it is cut at 0 and 1. */
export function hardSigmoidLines({ attributes }: GraphNode, channels: number): ChannelLines {
  const [alpha, beta] = [readFloat(attributes, "alpha"), readFloat(attributes, "beta")];
  return {
    slopes: new Float32Array(channels).fill(alpha ?? ALPHA),
    shifts: new Float32Array(channels).fill(beta ?? BETA),
  };
}
