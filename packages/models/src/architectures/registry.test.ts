import { describe, expect, test } from "vitest";
import { countMultiplyAdds, countParameters } from "../graph/measure.ts";
import { defineGraph } from "./architecture.ts";
import { findArchitecture } from "./registry.ts";

/**
 * Published (parameters exact, multiply-adds in units of 10^9 to three digits) by torchvision 0.14 and 0.15, pytorchcv 0.0.74 and
 * fastai 2.7; the others are held by counting the originals, see originals.test.ts, and so are the multiply-adds of pytorchcv's,
 * whose own tables count norms and activations, too.
 */
const PUBLISHED: Readonly<Record<string, readonly [parameters: number, gmacs?: number]>> = {
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
  inception_v3: [23_834_568, 5.713],
  resnext101_32x4d: [44_177_704],
  seresnet50: [28_088_024],
  seresnet50b: [28_088_024],
  seresnet101: [49_326_872],
  seresnet152: [66_821_848],
  seresnext50_32x4d: [27_559_896],
  seresnext101_32x4d: [48_955_416],
  xresnet18: [11_708_744, 2.054],
  xresnet34: [21_816_904, 3.903],
  xresnet50: [25_576_264, 4.329],
  xresnet101: [44_568_392, 8.041],
  xresnet152: [60_212_040, 11.753],
  mobilenet_v2: [3_504_872, 0.301],
  mobilenet_v3_small: [2_542_856, 0.057],
  mobilenet_v3_large: [5_483_032, 0.217],
  densenet121: [7_978_856, 2.834],
  regnet_y_400mf: [4_344_144, 0.402],
  vit_b_16: [86_567_656, 17.564],
};

describe.each(Object.entries(PUBLISHED))("%s", (name, [parameters, gmacs]) => {
  test("has exactly the published parameters and multiply-adds", () => {
    const architecture = findArchitecture(name)!;
    const graph = defineGraph(architecture, { classes: 1000, inputSize: architecture.image.crop });
    expect(countParameters(graph)).toBe(parameters);
    const counted = countMultiplyAdds(graph) / 1e9;
    expect(counted).toBeCloseTo(gmacs ?? counted, 2);
  });
});
