import { describe, expect, test } from "vitest";
import { preprocessorSchema, toPreprocessing } from "./preprocessor-config.ts";

const fitOf = (config: object): unknown => {
  const { fit, resize, cropHeight, cropWidth } = toPreprocessing(preprocessorSchema.parse(config));
  return [fit, resize, cropHeight, cropWidth];
};

describe("the preprocessing of public models is understood", () => {
  test.each<[string, object, unknown]>([
    ["ViT, old form: both sides are stretched", { size: 224 }, ["stretch", 224, 224, 224]],
    ["ViT, new form", { size: { height: 224, width: 192 } }, ["stretch", 224, 224, 192]],
    [
      "MobileNet: the shorter side, then the middle",
      {
        size: { shortest_edge: 256 },
        do_center_crop: true,
        crop_size: { height: 224, width: 224 },
      },
      ["shortest-edge", 256, 224, 224],
    ],
    [
      "ResNet: the size behind a crop of 87.5 %",
      { size: { shortest_edge: 224 }, crop_pct: 0.875 },
      ["shortest-edge", 256, 224, 224],
    ],
    [
      "ConvNeXt, old form, with its crop left out",
      { size: 224, feature_extractor_type: "ConvNextFeatureExtractor" },
      ["shortest-edge", 256, 224, 224],
    ],
    [
      "ConvNeXt from 384 on: stretched",
      { size: { shortest_edge: 384 }, crop_pct: 1 },
      ["stretch", 384, 384, 384],
    ],
    [
      "a crop of the whole",
      { size: { height: 64, width: 64 }, do_center_crop: true },
      ["stretch", 64, 64, 64],
    ],
    ["DeiT", { size: 256, do_center_crop: true, crop_size: 224 }, ["shortest-edge", 256, 224, 224]],
  ])("%s", (_, config, expected) => {
    expect(fitOf(config)).toEqual(expected);
  });

  test("what is switched off changes nothing", () => {
    const off = { size: 8, do_rescale: false, do_normalize: false, image_mean: [1, 2, 3] };
    const { rescale, mean, std } = toPreprocessing(preprocessorSchema.parse(off));
    expect({ rescale, mean, std }).toEqual({ rescale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  });
});

describe("what would change the pixels otherwise is refused", () => {
  test.each<[string, object, RegExp]>([
    ["another resampling", { size: 8, resample: 1 }, /2 \(bilinear\) or 3 \(bicubic\)/u],
    ["no resizing", { size: 8, do_resize: false }, /pictures of any size/u],
    ["blue before red", { size: 8, do_flip_channel_order: true }, /blue before red/u],
    ["an offset", { size: 8, rescale_offset: true }, /rescale_offset/u],
    ["a deviation of zero", { size: 8, image_std: [0, 1, 1] }, /image_std/u],
    ["no size", {}, /size/u],
    ["a size of zero", { size: { shortest_edge: 0 } }, /size/u],
  ])("%s", (_, config, reason) => {
    const parsed = preprocessorSchema.safeParse(config);
    expect(JSON.stringify(parsed.error?.issues)).toMatch(reason);
  });
});
