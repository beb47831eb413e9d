import type { BatchNorm, Conv, Graph, Parameter, Step } from "./operation.ts";

/** A network with the weights of its layers; `weights` is keyed by parameter name. */
export interface WeightedGraph {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/**
 * Merges every batch norm into the convolution before it, when nothing else reads that convolution:
 * `w' = w·γ/√(σ²+ε)`, `b' = (b−µ)·γ/√(σ²+ε) + β`, computed in double precision and rounded once. The result is the same
 * function with fewer operations.
 */
export function foldBatchNorms({ graph, weights }: WeightedGraph): WeightedGraph {
  const producers = new Map(graph.steps.map((step) => [step.output.id, step]));
  const readers = countReaders(graph);
  const folded = new Map(weights);
  const merged = new Map<Step, Step | null>();
  for (const step of graph.steps) {
    if (step.operation.kind !== "batch-norm") continue;
    const before = producers.get(step.inputs[0]?.id ?? -1);
    if (before?.operation.kind !== "conv" || readers.get(before.output.id) !== 1) continue;
    const conv = fold(before.operation, step.operation, folded);
    merged.set(before, null);
    merged.set(step, { operation: conv, inputs: before.inputs, output: step.output });
  }
  const steps = graph.steps.flatMap((step) => {
    const replacement = merged.get(step);
    if (replacement === undefined) return [step];
    return replacement === null ? [] : [replacement];
  });
  return { graph: { ...graph, steps }, weights: folded };
}

/** How often each value is used, as an input of a step or as an output of the network. */
function countReaders(graph: Graph): ReadonlyMap<number, number> {
  const readers = new Map<number, number>();
  const used = [...graph.steps.flatMap(({ inputs }) => inputs), graph.logits, graph.embeddings];
  for (const { id } of used) readers.set(id, (readers.get(id) ?? 0) + 1);
  return readers;
}

/** Replaces the weights of both layers by those of one, and gives that layer. */
function fold(conv: Conv, norm: BatchNorm, weights: Map<string, Float32Array>): Conv {
  const bias = conv.bias ?? biasBeside(conv.weight);
  const read = (parameter: Parameter): Float32Array => requireWeights(weights, parameter);
  const [gamma, beta, mean] = [read(norm.weight), read(norm.bias), read(norm.mean)];
  const scale = Float64Array.from(
    read(norm.variance),
    (variance, c) => at(gamma, c) / Math.sqrt(variance + norm.epsilon),
  );
  const old = conv.bias === null ? new Float32Array(scale.length) : read(conv.bias);
  const shifted = Float32Array.from(
    scale,
    (factor, c) => (at(old, c) - at(mean, c)) * factor + at(beta, c),
  );
  weights.set(conv.weight.name, scaleFilters(read(conv.weight), scale));
  weights.set(bias.name, shifted);
  for (const { name } of [norm.weight, norm.bias, norm.mean, norm.variance]) weights.delete(name);
  return { ...conv, bias };
}

function biasBeside({ name, shape }: Parameter): Parameter {
  return { name: name.replace(/weight$/u, "bias"), shape: shape.slice(0, 1), isTrained: true };
}

/** Each filter `[inner, height, width]` of `[out, inner, height, width]` times its own factor. */
function scaleFilters(filters: Float32Array, scale: Float64Array): Float32Array {
  const scaled = new Float32Array(filters.length);
  const size = filters.length / scale.length;
  for (const [c, factor] of scale.entries()) {
    for (let i = c * size; i < (c + 1) * size; i++) scaled[i] = at(filters, i) * factor;
  }
  return scaled;
}

function requireWeights(
  weights: ReadonlyMap<string, Float32Array>,
  { name }: Parameter,
): Float32Array {
  const found = weights.get(name);
  if (found === undefined) throw new Error(`no weights for ${name}`);
  return found;
}

function at(values: Float32Array, i: number): number {
  return values[i] ?? Number.NaN;
}
