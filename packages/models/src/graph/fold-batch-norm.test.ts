import { expect, test } from "vitest";
import { foldBatchNorms, type WeightedGraph } from "./fold-batch-norm.ts";
import { listParameters } from "./measure.ts";
import { Network } from "./network.ts";

const EPSILON = 1e-3;

function weigh(define: (net: Network) => void, values: Record<string, number[]>): WeightedGraph {
  const net = new Network(4);
  define(net);
  const last = net.steps.at(-1)!.output;
  return {
    graph: { input: net.input, steps: net.steps, logits: last, embeddings: last },
    weights: new Map(Object.entries(values).map(([k, v]) => [k, Float32Array.from(v)])),
  };
}

const norm = {
  "bn.weight": [2, -0.5],
  "bn.bias": [0.25, 1],
  "bn.running_mean": [0.1, -3],
  "bn.running_var": [4, 1e-6],
};
const conv = { out: 2, kernel: 1 } as const;

test("a norm behind a convolution becomes part of it, rounded once from double precision", () => {
  const filters = [0.3, 0.7, -1.1, 1e-3, 5, 7].map(Math.fround);
  const whole = weigh(
    (net) => net.batchNorm("bn", net.conv("c", net.input, conv), { epsilon: EPSILON }),
    { "c.weight": filters, ...norm },
  );
  const { graph, weights } = foldBatchNorms(whole);
  expect(graph.steps.map(({ operation }) => operation.kind)).toEqual(["conv"]);
  expect(listParameters(graph).map(({ name }) => name)).toEqual(["c.weight", "c.bias"]);
  const scale = [0, 1].map(
    (c) => norm["bn.weight"][c]! / Math.sqrt(Math.fround(norm["bn.running_var"][c]!) + EPSILON),
  );
  expect([...weights.get("c.weight")!]).toEqual(
    filters.map((w, i) => Math.fround(w * scale[Math.floor(i / 3)]!)),
  );
  expect([...weights.get("c.bias")!]).toEqual(
    scale.map((s, c) =>
      Math.fround((0 - Math.fround(norm["bn.running_mean"][c]!)) * s + norm["bn.bias"][c]!),
    ),
  );
});

test("the weights that came in are left as they were", () => {
  const whole = weigh((net) => net.batchNorm("bn", net.conv("c", net.input, conv)), {
    "c.weight": [1, 1, 1, 1, 1, 1],
    ...norm,
  });
  foldBatchNorms(whole);
  expect([...whole.weights.get("c.weight")!]).toEqual([1, 1, 1, 1, 1, 1]);
  expect(whole.weights.has("bn.weight")).toBe(true);
});

test("a convolution that something else reads too keeps its own values", () => {
  const whole = weigh(
    (net) => {
      const x = net.conv("c", net.input, conv);
      net.add(x, net.batchNorm("bn", x));
    },
    { "c.weight": [1, 1, 1, 1, 1, 1], ...norm },
  );
  const kinds = foldBatchNorms(whole).graph.steps.map(({ operation }) => operation.kind);
  expect(kinds).toEqual(["conv", "batch-norm", "add"]);
});

test("a norm with no convolution before it stays", () => {
  const whole = weigh((net) => net.batchNorm("bn", net.relu(net.conv("c", net.input, conv))), {
    "c.weight": [1, 1, 1, 1, 1, 1],
    ...norm,
  });
  const kinds = foldBatchNorms(whole).graph.steps.map(({ operation }) => operation.kind);
  expect(kinds).toEqual(["conv", "relu", "batch-norm"]);
});
