import { expect, test } from "vitest";
import { findArchitecture } from "../architectures/registry.ts";
import { defineNamed, namingsOf } from "../names/choose-naming.ts";
import type { StoredTensor } from "../weights/stored-tensor.ts";
import { fitArchitectures } from "./fit-architectures.ts";

/** Names and shapes of a library's checkpoint of 20 classes; it has no numbers. */
function checkpointOf(name: string, library: string): Map<string, StoredTensor> {
  const architecture = findArchitecture(name);
  const naming = architecture && namingsOf(architecture).find((n) => n.library === library);
  if (!architecture || !naming) throw new Error(`no ${name} of ${library}`);
  const size = { classes: 20, inputSize: architecture.image.crop };
  const { parameters } = defineNamed(architecture, naming, size);
  const tensors = parameters.map(({ name: own, shape }): [string, StoredTensor] => {
    const stored = naming.rename(own);
    const readBytes = () => Promise.reject(new Error("nothing is read"));
    return [stored, { name: stored, shape, dtype: "F32", readBytes }];
  });
  return new Map(tensors);
}

test.each([
  ["resnet50", "torchvision"],
  ["resnet50", "pytorchcv"],
  ["vgg16", "timm"],
  ["efficientnet_b0", "timm"],
])("%s is known by the names that %s gives", (architecture, library) => {
  const { fits, nearest } = fitArchitectures(checkpointOf(architecture, library));
  expect(nearest).toBeNull();
  expect(fits).toContainEqual({ architecture, library, classes: 20 });
});

test("a checkpoint that lacks a tensor is nearest to its architecture, and says which one", () => {
  const tensors = checkpointOf("resnet34", "torchvision");
  tensors.delete("layer3.2.conv1.weight");
  expect(fitArchitectures(tensors)).toMatchObject({
    fits: [],
    nearest: {
      architecture: "resnet34",
      classes: 20,
      differences: ["missing layer3.2.conv1.weight [256, 256, 3, 3]"],
    },
  });
});
