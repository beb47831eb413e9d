import { expect, test } from "vitest";
import { findArchitecture } from "../architectures/registry.ts";
import type { Conv } from "../graph/operation.ts";
import { formulaWeights } from "../testing/formula-weights.ts";
import { loadParameters } from "../weights/load-parameters.ts";
import { chooseNaming, type NamedGraph } from "./choose-naming.ts";

const size = { classes: 1000, inputSize: 224 };

function choose(name: string, tensors: readonly string[]): NamedGraph {
  return chooseNaming(findArchitecture(name)!, size, new Map(tensors.map((t) => [t, null])));
}

/** Stride of the first convolution, a 1×1, in the second stage's first block. */
function firstStride({ graph }: NamedGraph): number {
  const convs = graph.steps.map(({ operation }) => operation).filter((o) => o.kind === "conv");
  const found = convs.find(({ weight }: Conv) => weight.name === "layer2.0.conv1.weight");
  return found?.stride[0] ?? Number.NaN;
}

test("pytorchcv's resnet50 halves the side in the 1×1, torchvision's does not", () => {
  expect(firstStride(choose("resnet50", ["features.init_block.conv.conv.weight"]))).toBe(2);
  expect(firstStride(choose("resnet50", ["conv1.weight"]))).toBe(1);
  expect(firstStride(choose("resnet50b", ["features.init_block.conv.conv.weight"]))).toBe(1);
});

test("files that torchvision published with older names are known", () => {
  const densenet = choose("densenet121", ["features.denseblock1.denselayer1.norm.1.weight"]);
  expect(densenet.naming.rename("features.denseblock4.denselayer16.conv2.weight")).toBe(
    "features.denseblock4.denselayer16.conv.2.weight",
  );
  const vit = choose("vit_b_16", ["encoder.layers.encoder_layer_0.mlp.linear_1.weight"]);
  expect(vit.naming.rename("encoder.layers.encoder_layer_3.mlp.3.bias")).toBe(
    "encoder.layers.encoder_layer_3.mlp.linear_2.bias",
  );
});

test("names of no library are told in those of the architecture's own", () => {
  const { naming } = choose("vgg16", ["what.is.this"]);
  expect(naming.rename("classifier.6.weight")).toBe("classifier.6.weight");
});

test("what a file of another library lacks is told in that library's names", async () => {
  const { naming, parameters } = choose("vgg11", ["pre_logits.fc1.weight", "head.fc.weight"]);
  const theirs = parameters.map(({ name, shape }) => ({ name: naming.rename(name), shape }));
  const file = formulaWeights(theirs.slice(0, -1), []);
  const loading = loadParameters(file, { parameters, rename: naming.rename, ignored: [] });
  await expect(loading).rejects.toThrow("missing head.fc.bias [1000]");
});
