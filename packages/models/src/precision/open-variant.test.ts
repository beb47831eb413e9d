import { expect, test } from "vitest";
import { formulaModel } from "../testing/formula-model.ts";
import { openTestGraph } from "../testing/open-test-graph.ts";
import { quantizeForTest } from "../testing/quantize-for-test.ts";
import { readOnnxGraph, writeOnnxGraph } from "./onnx-graph.ts";
import { openVariant } from "./open-variant.ts";
import { QuantizationIncompleteError } from "./quantization-incomplete-error.ts";

const SIDE = 64;
const float = await formulaModel({
  architecture: "squeezenet1_1",
  inputSize: SIDE,
  classes: 10,
  gains: [],
});

/** The int8 network without the quantisation before its first layer: half fused, as careless exporters leave it. */
async function halfQuantized(): Promise<Uint8Array> {
  const graph = readOnnxGraph(await quantizeForTest(float, { side: SIDE }), "squeezenet1_1");
  const pair = new Set(["pixel_values_quantized", "pixel_values_dequantized"]);
  const nodes = graph.nodes
    .filter(({ outputs }) => !pair.has(outputs[0]!))
    .map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => (pair.has(name) ? "pixel_values" : name)),
    }));
  return Buffer.concat(writeOnnxGraph({ ...graph, nodes }));
}

const options = { variant: "int8", name: "squeezenet1_1", openGraph: openTestGraph } as const;

test("a layer that stays in float32 is refused by the name of its weights", async () => {
  const opening = openVariant(await halfQuantized(), { ...options, allowPartial: false });
  await expect(opening).rejects.toThrow(QuantizationIncompleteError);
  await expect(opening).rejects.toMatchObject({
    code: "QUANTIZATION_INCOMPLETE",
    layers: ["features.0.weight"],
    message: expect.stringMatching(
      /1 layer .* in float32 \(features\.0\.weight\).*--allow-partial/u,
    ),
  });
});

test("it is counted when that is allowed", async () => {
  await using opened = await openVariant(await halfQuantized(), { ...options, allowPartial: true });
  expect(opened.operators).toMatchObject({
    floatLayers: ["features.0.weight"],
    counts: { Conv: 1 },
  });
});

test("in a network that nobody quantised every layer is left over", async () => {
  const opening = openVariant(float, { ...options, allowPartial: false });
  await expect(opening).rejects.toThrow(/26 layers of .* and 21 more/u);
});
