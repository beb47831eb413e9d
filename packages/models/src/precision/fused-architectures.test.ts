import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Gains } from "../random/formula-tensor.ts";
import { formulaModel } from "../testing/formula-model.ts";
import { openTestGraph } from "../testing/open-test-graph.ts";
import {
  lookAtOptimized,
  plainPixels,
  plainPreprocessing,
  quantizeForTest,
} from "../testing/quantize-for-test.ts";
import { compareOutputs } from "./compare-outputs.ts";
import { pictureTensor } from "./picture-tensor.ts";

interface Reference {
  readonly architecture: string;
  readonly classes: number;
  readonly inputSize: number;
  readonly gains: Gains;
}

const folder = join(import.meta.dirname, "../../../../test/parity");

/** Each family, with how many of its convolutions ONNX Runtime runs as QLinearConv. */
const FAMILIES = [
  ["torchvision/alexnet", 5],
  ["torchvision/googlenet", 57],
  ["torchvision/resnet50", 53],
  ["torchvision/resnext50_32x4d", 53],
  ["pytorchcv/seresnet50", 85],
  ["fastai/xresnet50_sa", 55],
  ["torchvision/squeezenet1_1", 26],
  ["torchvision/inception_v3", 94],
  ["torchvision/mobilenet_v2", 52],
  // 62 and one for each hard sigmoid.
  ["torchvision/mobilenet_v3_large", 90],
  // 120 and one for each batch norm that stands before a convolution.
  ["torchvision/densenet121", 182],
  ["torchvision/regnet_y_400mf", 85],
  ["torchvision/efficientnet_b0", 81],
  ["timm/tf_efficientnet_b0", 81],
] as const;

describe("ONNX Runtime runs every layer of the int8 form on integers, and its scores agree", () => {
  test.each(FAMILIES)(
    "%s: %i QLinearConv, nothing in float32",
    async (name, convolutions) => {
      const file = join(folder, `${name}.json`);
      const reference: Reference = JSON.parse(await readFile(file, "utf8"));
      const side = reference.inputSize;
      const model = await formulaModel(reference);
      const quantized = await quantizeForTest(model, { side, method: "minmax" });
      const { counts, floatLayers } = await lookAtOptimized(quantized);
      expect(floatLayers).toEqual([]);
      expect(counts).toMatchObject({ QLinearConv: convolutions });
      expect(counts["Conv"]).toBeUndefined();
      // Around the integers, and a self-attention; not between layers.
      expect(counts["Transpose"]).toBeLessThanOrEqual(7);
      const scores = await Promise.all([logitsOf(model, side), logitsOf(quantized, side)]);
      const [expected, actual] = scores.map((row) => [row]);
      const agreement = compareOutputs({
        expected: expected!,
        actual: actual!,
        decisionThreshold: 0.5,
      });
      const largest = Math.max(...scores[0].map(Math.abs));
      // Random weights have no margins: 15 % of the largest score is what the coarsest of them needs.
      expect(agreement.largestLogitError).toBeLessThan(0.15 * largest);
    },
    120_000,
  );

  test("vit_b_16: its 48 layers of tokens are products of integers", async () => {
    const file = join(folder, "torchvision/vit_b_16.json");
    const reference: Reference = JSON.parse(await readFile(file, "utf8"));
    const model = await formulaModel(reference);
    const quantized = await quantizeForTest(model, { side: reference.inputSize });
    const { counts, floatLayers } = await lookAtOptimized(quantized);
    expect(floatLayers).toEqual([]);
    expect(counts).toMatchObject({ MatMulIntegerToFloat: 48, QLinearConv: 1 });
  }, 120_000);
});

async function logitsOf(model: Uint8Array, side: number): Promise<Float32Array> {
  await using session = await openTestGraph(model);
  const input = pictureTensor(plainPixels(2, side), plainPreprocessing(side));
  return (await session.run(input, ["logits"])).get("logits")!.data;
}
