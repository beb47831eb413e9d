import { describe, expect, test } from "vitest";
import { countMultiplyAdds, countParameters } from "../graph/measure.ts";
import { defineGraph } from "./architecture.ts";
import { architectures, findArchitecture } from "./registry.ts";

/** Published by torchvision 0.14.1 (parameters exact, multiply-adds in units of 10^9 to three digits). */
const PUBLISHED: Readonly<Record<string, readonly [parameters: number, gmacs: number]>> = {
  alexnet: [61_100_840, 0.714],
  vgg11: [132_863_336, 7.609],
  vgg11_bn: [132_868_840, 7.609],
  vgg13: [133_047_848, 11.308],
  vgg13_bn: [133_053_736, 11.308],
  vgg16: [138_357_544, 15.47],
  vgg16_bn: [138_365_992, 15.47],
  vgg19: [143_667_240, 19.632],
  vgg19_bn: [143_678_248, 19.632],
  googlenet: [6_624_904, 1.498],
  resnet18: [11_689_512, 1.814],
  resnet34: [21_797_672, 3.664],
  resnet50: [25_557_032, 4.089],
  resnet101: [44_549_160, 7.801],
  resnet152: [60_192_808, 11.514],
  resnext50_32x4d: [25_028_904, 4.231],
  resnext101_32x8d: [88_791_336, 16.414],
  squeezenet1_0: [1_248_424, 0.819],
  squeezenet1_1: [1_235_496, 0.349],
  efficientnet_b0: [5_288_548, 0.386],
  efficientnet_b1: [7_794_184, 0.687],
  efficientnet_b2: [9_109_994, 1.088],
  efficientnet_b3: [12_233_232, 1.827],
  efficientnet_b4: [19_341_616, 4.394],
  efficientnet_b5: [30_389_784, 10.266],
  efficientnet_b6: [43_040_704, 19.068],
  efficientnet_b7: [66_347_960, 37.746],
};

describe.each(architectures.map(({ name }) => name))("%s", (name) => {
  test("has exactly the published parameters and multiply-adds", () => {
    const architecture = findArchitecture(name)!;
    const graph = defineGraph(architecture, { classes: 1000, inputSize: architecture.image.crop });
    const [parameters, gmacs] = PUBLISHED[name]!;
    expect(countParameters(graph)).toBe(parameters);
    expect(countMultiplyAdds(graph) / 1e9).toBeCloseTo(gmacs, 2);
  });
});
