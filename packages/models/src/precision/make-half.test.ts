import { describe, expect, test } from "vitest";
import { listParameters } from "../graph/measure.ts";
import { Network } from "../graph/network.ts";
import { ModelError } from "../model-error.ts";
import { emitOnnx } from "../onnx/emit-graph.ts";
import { fillTensor } from "../random/formula-tensor.ts";
import { formulaModel } from "../testing/formula-model.ts";
import { openTestGraph } from "../testing/open-test-graph.ts";
import { plainPixels, plainPreprocessing } from "../testing/quantize-for-test.ts";
import { compareOutputs } from "./compare-outputs.ts";
import { makeHalf } from "./make-half.ts";
import { floatConstant, readOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";
import { pictureTensor } from "./picture-tensor.ts";

const SIDE = 64;
const model = await formulaModel({
  architecture: "squeezenet1_1",
  inputSize: SIDE,
  classes: 10,
  gains: [],
});
const graph = readOnnxGraph(model, "small");

async function halve(source: OnnxGraph): Promise<Buffer> {
  const parts = await makeHalf({
    graph: source,
    pictures: plainPixels(2, SIDE),
    preprocessing: plainPreprocessing(SIDE),
    openGraph: openTestGraph,
    onProgress: () => undefined,
  });
  return Buffer.concat(parts);
}

/** The graph with one weight of a layer replaced. */
function withWeight(name: string, value: number): OnnxGraph {
  const old = graph.initializers.get(name)!;
  const values = new Float32Array(old.data.byteLength / 4);
  values[5] = value;
  const initializers = new Map(graph.initializers).set(
    name,
    floatConstant(name, old.shape, values),
  );
  return { ...graph, initializers };
}

test("half the size, float32 at its borders, and the same scores to three digits", async () => {
  const half = await halve(graph);
  expect(half.byteLength / model.byteLength).toBeCloseTo(0.5, 1);
  const input = pictureTensor(plainPixels(2, SIDE), plainPreprocessing(SIDE));
  await using float = await openTestGraph(model);
  await using session = await openTestGraph(half);
  const [expected, actual] = [await float.run(input), await session.run(input)].map((outputs) => [
    outputs.get("logits")!.data,
  ]);
  const agreement = compareOutputs({
    expected: expected!,
    actual: actual!,
    decisionThreshold: 0.5,
  });
  const largest = Math.max(...expected![0]!.map(Math.abs));
  expect(agreement.largestLogitError).toBeLessThan(0.002 * largest);
  expect(agreement.largestLogitError).toBeGreaterThan(0);
});

test("the same model gives the same bytes", async () => {
  expect((await halve(graph)).equals(await halve(graph))).toBe(true);
});

test("every float tensor becomes float16", async () => {
  const half = readOnnxGraph(await halve(graph), "half");
  expect(new Set([...half.initializers.values()].map(({ type }) => type))).toEqual(new Set([10]));
  expect([...half.inputs.keys(), ...half.outputs.keys()]).toEqual([
    "pixel_values",
    "logits",
    "embeddings",
  ]);
});

test("a transformer becomes float16 too; the shapes in its graph stay whole numbers", async () => {
  const net = new Network(SIDE);
  const patches = net.conv("patches", net.input, { out: 8, kernel: 16, stride: 16, bias: true });
  const x = net.layerNorm("norm", net.prepend("class", net.tokens(patches)), { epsilon: 1e-6 });
  const mixed = net.attention(net.linear("mix", x, { out: 24 }), { heads: 2 });
  const embeddings = net.firstToken(net.add(x, net.gelu(net.linear("think", mixed, { out: 8 }))));
  const logits = net.linear("head", embeddings, { out: 3 });
  const network = { input: net.input, steps: net.steps, embeddings, logits };
  const weights = listParameters(network).map(
    ({ name, shape }) => [name, fillTensor(name, shape, [])] as const,
  );
  const transformer = Buffer.concat(
    emitOnnx({ graph: network, weights: new Map(weights) }, "small"),
  );
  const half = await halve(readOnnxGraph(transformer, "small"));
  const input = pictureTensor(plainPixels(2, SIDE), plainPreprocessing(SIDE));
  await using float = await openTestGraph(transformer);
  await using session = await openTestGraph(half);
  const [expected, actual] = [await float.run(input), await session.run(input)].map(
    (outputs) => outputs.get("logits")!.data,
  );
  for (const [i, value] of expected!.entries()) expect(actual![i]).toBeCloseTo(value, 2);
});

describe("what float16 cannot hold is refused by name", () => {
  test("a weight", async () => {
    const halving = halve(withWeight("features.3.squeeze.weight", 70_000));
    await expect(halving).rejects.toThrow(ModelError);
    await expect(halving).rejects.toThrow(/features\.3\.squeeze\.weight holds 70000/u);
  });

  test("an activation", async () => {
    const large = withWeight("features.0.weight", 60_000);
    await expect(halve(large)).rejects.toThrow(/reaches [\d.]+, which float16 cannot hold/u);
  });
});
