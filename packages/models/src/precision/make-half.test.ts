import { describe, expect, test } from "vitest";
import { ModelError } from "../model-error.ts";
import { readFields } from "../onnx/wire.ts";
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
  expect(readFields(Buffer.concat([...half.inputs.values()])).length).toBeGreaterThan(0);
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
