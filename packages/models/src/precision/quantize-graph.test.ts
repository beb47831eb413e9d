import { describe, expect, test } from "vitest";
import { Network } from "../graph/network.ts";
import { listParameters } from "../graph/measure.ts";
import type { Graph, Value } from "../graph/operation.ts";
import { ModelError } from "../model-error.ts";
import { emitOnnx } from "../onnx/emit-graph.ts";
import { fillTensor } from "../random/formula-tensor.ts";
import { openTestGraph } from "../testing/open-test-graph.ts";
import {
  lookAtOptimized,
  plainPixels,
  plainPreprocessing,
  quantizeForTest,
} from "../testing/quantize-for-test.ts";
import { readNodes, readOnnxGraph, writeOnnxGraph } from "./onnx-graph.ts";
import { pictureTensor } from "./picture-tensor.ts";

const SIDE = 8;
const CLASSES = 3;

/** A network of a few layers, its weights by the formula or as given. */
function model(
  define: (net: Network, x: Value) => Value,
  change: Readonly<Record<string, (values: Float32Array) => void>> = {},
): Buffer {
  const net = new Network(SIDE);
  const embeddings = net.flatten(net.globalAveragePool(define(net, net.input)));
  const logits = net.linear("fc", embeddings, { out: CLASSES });
  const graph: Graph = { input: net.input, steps: net.steps, embeddings, logits };
  const weights = listParameters(graph).map(({ name, shape }): [string, Float32Array] => {
    const values = fillTensor(name, shape, []);
    change[name]?.(values);
    return [name, values];
  });
  return Buffer.concat(emitOnnx({ graph, weights: new Map(weights) }, "small"));
}

const conv = (net: Network, name: string, x: Value): Value =>
  net.conv(name, x, { out: 4, kernel: 3, padding: 1, bias: true });

/** Largest difference of the scores, as a share of the largest score. */
async function errorOf(float: Buffer, quantized: Buffer): Promise<number> {
  const input = pictureTensor(plainPixels(4, SIDE), plainPreprocessing(SIDE));
  await using first = await openTestGraph(float);
  await using second = await openTestGraph(quantized);
  const [expected, actual] = [await first.run(input), await second.run(input)].map(
    (outputs) => outputs.get("logits")!.data,
  );
  const errors = Array.from(expected!, (value, i) => Math.abs(value - actual![i]!));
  return Math.max(...errors) / Math.max(...expected!.map(Math.abs));
}

const NETWORKS: readonly (readonly [string, (net: Network, x: Value) => Value])[] = [
  ["a residual", (net, x) => residual(net, net.relu(conv(net, "a", x)))],
  [
    "a concatenation whose parts others read too",
    (net, x) => {
      const a = net.relu(conv(net, "a", x));
      return conv(
        net,
        "c",
        net.concat(a, conv(net, "b", a), net.maxPool(a, { kernel: 3, stride: 1, padding: 1 })),
      );
    },
  ],
  [
    "a ReLU behind a pooling",
    (net, x) => conv(net, "b", net.relu(net.maxPool(conv(net, "a", x), { kernel: 2 }))),
  ],
  [
    "a batch norm between",
    (net, x) =>
      conv(net, "b", net.relu(net.batchNorm("bn", net.maxPool(conv(net, "a", x), { kernel: 2 })))),
  ],
  [
    "swishes and gates",
    (net, x) => {
      const y = net.silu(conv(net, "a", x));
      const gate = net.sigmoid(
        net.conv("g", net.globalAveragePool(y), { out: 4, kernel: 1, bias: true }),
      );
      return conv(net, "b", net.hardSwish(conv(net, "c", net.multiply(y, gate))));
    },
  ],
  ["a clip at six", (net, x) => conv(net, "b", net.relu6(conv(net, "a", x)))],
  ["scaled pictures", (net, x) => conv(net, "a", net.affine(x, [0.5, 1, 2], [0.1, 0, -0.1]))],
];

function residual(net: Network, x: Value): Value {
  return net.relu(net.add(conv(net, "b", x), x));
}

describe("the int8 form of small networks", () => {
  test.each(NETWORKS)("%s: integers throughout, and nearly the same scores", async (_, define) => {
    const float = model(define);
    const quantized = await quantizeForTest(float, { side: SIDE });
    expect((await lookAtOptimized(quantized)).floatLayers).toEqual([]);
    expect(await errorOf(float, quantized)).toBeLessThan(0.06);
  });

  test("the same model and pictures give the same bytes", async () => {
    const float = model(NETWORKS[1]![1]);
    const first = await quantizeForTest(float, { side: SIDE });
    expect(first.equals(await quantizeForTest(float, { side: SIDE }))).toBe(true);
  });

  test("a ReLU whose result is quantised is left to the saturation", async () => {
    const quantized = await quantizeForTest(model(NETWORKS[0]![1]), { side: SIDE });
    const operators = readNodes(quantized, "small").map(({ operator }) => operator);
    expect(operators).not.toContain("Relu");
  });

  test("layers that share weights and bias in float32 get their own in integers", async () => {
    const graph = readOnnxGraph(
      model((net, x) => conv(net, "b", conv(net, "a", net.conv("s", x, { out: 4, kernel: 1 })))),
      "small",
    );
    const nodes = graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => name.replace(/^b\./u, "a.")),
    }));
    const shared = Buffer.concat(writeOnnxGraph({ ...graph, nodes }));
    const quantized = await quantizeForTest(shared, { side: SIDE });
    const constants = readNodes(quantized, "small")
      .filter(({ operator }) => operator === "Conv")
      .flatMap(({ inputs }) => inputs.slice(1));
    expect(new Set(constants).size).toBe(constants.length);
    expect(await errorOf(shared, quantized)).toBeLessThan(0.06);
  });
});

describe("numbers that would break a division", () => {
  const two = (net: Network, x: Value): Value => conv(net, "b", net.relu(conv(net, "a", x)));

  test("a channel of zeros, and an activation that is always zero", async () => {
    const zeroChannel = model(two, { "a.weight": (values) => values.fill(0, 0, 27) });
    expect(
      await errorOf(zeroChannel, await quantizeForTest(zeroChannel, { side: SIDE })),
    ).toBeLessThan(0.06);
    const dead = model(two, {
      "a.weight": (values) => values.fill(0),
      "a.bias": (values) => values.fill(-1),
    });
    expect(await errorOf(dead, await quantizeForTest(dead, { side: SIDE }))).toBeLessThan(0.06);
  });

  test("an activation that is infinite is refused with the layer's name", async () => {
    const broken = model((net, x) => conv(net, "c", two(net, x)), {
      "b.weight": (values) => values.fill(3e38),
    });
    const quantizing = quantizeForTest(broken, { side: SIDE });
    await expect(quantizing).rejects.toThrow(ModelError);
    await expect(quantizing).rejects.toThrow(/infinite or no numbers.*b\.weight/u);
  });
});
