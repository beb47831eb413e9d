import type { BatchNorm, Conv, Graph, Step } from "./operation.ts";

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

function countReaders(graph: Graph): Map<number, number> {
  const readers = new Map<number, number>();
  const read = (id: number): void => void readers.set(id, (readers.get(id) ?? 0) + 1);
  for (const step of graph.steps) for (const input of step.inputs) read(input.id);
  read(graph.logits.id);
  read(graph.embeddings.id);
  return readers;
}

function fold(conv: Conv, norm: BatchNorm, weights: Map<string, Float32Array>): Conv {
  const read = (name: string): Float32Array => weights.get(name) ?? new Float32Array();
  const [gamma, beta] = [read(norm.weight.name), read(norm.bias.name)];
  const [mean, variance] = [read(norm.mean.name), read(norm.variance.name)];
  const scale = Float64Array.from(
    variance,
    (v, c) => (gamma[c] ?? 0) / Math.sqrt(v + norm.epsilon),
  );
  const kernel = read(conv.weight.name);
  const perChannel = kernel.length / scale.length;
  const bias = conv.bias === null ? null : read(conv.bias.name);
  const biasName = conv.bias?.name ?? conv.weight.name.replace(/weight$/u, "bias");
  weights.set(
    conv.weight.name,
    kernel.map((w, i) => w * (scale[Math.floor(i / perChannel)] ?? 0)),
  );
  weights.set(
    biasName,
    Float32Array.from(scale, (s, c) => ((bias?.[c] ?? 0) - (mean[c] ?? 0)) * s + (beta[c] ?? 0)),
  );
  for (const { name } of [norm.weight, norm.bias, norm.mean, norm.variance]) weights.delete(name);
  return { ...conv, bias: { name: biasName, shape: [scale.length], isTrained: true } };
}
