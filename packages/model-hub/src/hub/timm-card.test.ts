import { expect, test } from "vitest";
import { parseTimmCard } from "./timm-card.ts";

const pretrained = {
  input_size: [3, 224, 224],
  interpolation: "bicubic",
  crop_pct: 0.875,
  crop_mode: "center",
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
const parse = (card: object) => parseTimmCard("timm/x", JSON.stringify(card));

test("the shorter side is the crop divided by crop_pct, rounded down, as in timm", () => {
  const sizeOf = (size: number, crop_pct: number) => {
    const pretrained_cfg = { ...pretrained, input_size: [3, size, size], crop_pct };
    return parse({ architecture: "x", num_classes: 1000, pretrained_cfg }).image;
  };
  expect(sizeOf(224, 0.875)).toMatchObject({ resize: 256, crop: 224 });
  expect(sizeOf(224, 0.95)).toMatchObject({ resize: 235 });
  expect(sizeOf(299, 0.875)).toMatchObject({ resize: 341, crop: 299 });
  expect(sizeOf(288, 1)).toMatchObject({ resize: 288, crop: 288 });
});

test("a card without names of classes says so, and is not given ImageNet's", () => {
  const card = parse({ architecture: "resnet50", num_classes: 21841, pretrained_cfg: pretrained });
  expect(card).toMatchObject({ architecture: "resnet50", numClasses: 21841, labels: null });
});

test.each<[string, object, RegExp]>([
  ["stretching", { crop_mode: "squash" }, /crop_mode: only center crops/u],
  ["Lanczos", { interpolation: "lanczos" }, /interpolation/u],
  ["grey pictures", { input_size: [1, 28, 28] }, /3 channels/u],
  ["wide pictures", { input_size: [3, 128, 256] }, /256×128, expected a square/u],
  ["a deviation of 0", { std: [0, 1, 1] }, /std/u],
])("%s is refused, since the pixels would be others", (_, change, problem) => {
  const pretrained_cfg = { ...pretrained, ...change };
  expect(() => parse({ architecture: "x", num_classes: 2, pretrained_cfg })).toThrow(problem);
});

test("names and number of classes must agree", () => {
  const card = {
    architecture: "x",
    num_classes: 3,
    label_names: ["a", "b"],
    pretrained_cfg: pretrained,
  };
  expect(() => parse(card)).toThrow(/2 label_names for 3 classes/u);
});

test("what is no JSON is no card", () => {
  expect(() => parseTimmCard("timm/x", "<html>")).toThrow(/^timm\/x: its config\.json/u);
});
