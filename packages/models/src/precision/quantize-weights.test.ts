import { describe, expect, test } from "vitest";
import { quantizeWeights, type FloatLayer } from "./quantize-weights.ts";

const layer: FloatLayer = {
  weights: Float32Array.of(1, -2, 0.5, 0.25, 0, 0),
  channelsAre: "first",
  channels: 3,
  bias: Float32Array.of(0.5, -1, 3),
  inputScale: 0.5,
  bits: 8,
};

test("each output channel is scaled by its largest weight", () => {
  const { values, scales, bias } = quantizeWeights(layer);
  expect([...values.subarray(0, 4)]).toEqual([64, -127, 127, 64]);
  expect(scales[0]).toBeCloseTo(2 / 127, 6);
  expect(scales[1]).toBeCloseTo(0.5 / 127, 6);
  expect(bias![0]! * scales[0]! * 0.5).toBeCloseTo(0.5, 2);
});

test("with 7 bits two products of a uint8 and a weight fit into 16 bits", () => {
  const { values } = quantizeWeights({ ...layer, bits: 7 });
  expect(Math.max(...[...values].map(Math.abs))).toBe(63);
  expect(2 * 255 * 63).toBeLessThan(2 ** 15);
});

test("weights with the channels last are the same, turned", () => {
  const weights = Float32Array.of(1, 0.5, 0, -2, 0.25, 0);
  const { values, scales } = quantizeWeights({ ...layer, weights, channelsAre: "last" });
  expect(scales).toEqual(quantizeWeights(layer).scales);
  expect([...values]).toEqual([64, 127, 0, -127, 64, 0]);
});

describe("a channel of zeros", () => {
  test("keeps its bias to nine digits", () => {
    const { values, scales, bias } = quantizeWeights(layer);
    expect([...values.subarray(4)]).toEqual([0, 0]);
    expect(bias![2]! * scales[2]! * 0.5).toBeCloseTo(3, 8);
  });

  test("without bias gets a scale that can be divided by", () => {
    const { scales, bias } = quantizeWeights({ ...layer, bias: null });
    expect(scales[2]).toBe(1);
    expect(bias).toBeNull();
  });
});

test("a bias that is huge beside its weights still fits into 32 bits", () => {
  const { bias, scales } = quantizeWeights({
    ...layer,
    weights: Float32Array.of(1e-12, 1e-12, 1, 1, 1, 1),
    bias: Float32Array.of(1000, 0, 0),
  });
  expect(bias![0]! * scales[0]! * 0.5).toBeCloseTo(1000, 4);
});
