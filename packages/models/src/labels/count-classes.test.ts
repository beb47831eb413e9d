import { resolve } from "node:path";
import { expect, test } from "vitest";
import { countClasses } from "./count-classes.ts";

const demo = (name: string): string =>
  resolve(import.meta.dirname, "../../../../infra/demo-models/weights", `${name}.safetensors`);
const checkpoint = resolve(import.meta.dirname, "../weights/pytorch/fixtures/checkpoint.pth");

test.each(["squeezenet1_1", "googlenet", "efficientnet_b0"])(
  "the classifier of %s tells for how many classes it was trained",
  async (architecture) => {
    expect(await countClasses({ architecture, weightsPath: demo(architecture) })).toBe(8);
  },
);

test("where the classifier goes by another name, the checkpoint's own word counts", async () => {
  expect(await countClasses({ architecture: "resnet18", weightsPath: checkpoint })).toBe(5);
});

test("weights that do not tell give none", async () => {
  const weightsPath = demo("squeezenet1_1");
  expect(await countClasses({ architecture: "resnet18", weightsPath })).toBeNull();
});
