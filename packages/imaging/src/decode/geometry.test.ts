import fc from "fast-check";
import { expect, test } from "vitest";
import { planGeometry } from "./geometry.ts";

const spec = {
  fit: "shortest-edge",
  resize: 256,
  height: 224,
  width: 224,
  interpolation: "bilinear",
} as const;

// Sizes and offsets as torchvision 0.14 gives them: Resize(256) truncates the long side, CenterCrop(224) rounds half to even.
test.each([
  [500, 375, 341, 256, 58, 16],
  [375, 500, 256, 341, 16, 58],
  [640, 480, 341, 256, 58, 16],
  [1000, 667, 383, 256, 80, 16],
  [256, 256, 256, 256, 16, 16],
  [10, 10, 256, 256, 16, 16],
])(
  "%i × %i becomes %i × %i, cut at %i, %i",
  (width, height, resizeWidth, resizeHeight, left, top) => {
    expect(planGeometry(spec, { width, height })).toEqual({ resizeWidth, resizeHeight, left, top });
  },
);

test("the crop lies inside the resized picture, whatever its shape", () => {
  const side = fc.integer({ min: 1, max: 100_000 });
  const model = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(side, side, model, model, (width, height, resize, crop) => {
      const plan = planGeometry({ ...spec, resize, width: crop, height: crop }, { width, height });
      expect(plan.left).toBeGreaterThanOrEqual(0);
      expect(plan.top).toBeGreaterThanOrEqual(0);
      expect(plan.left + crop).toBeLessThanOrEqual(plan.resizeWidth);
      expect(plan.top + crop).toBeLessThanOrEqual(plan.resizeHeight);
    }),
  );
});

test("stretched, both sides become the input's", () => {
  expect(planGeometry({ ...spec, fit: "stretch" }, { width: 900, height: 30 })).toEqual({
    resizeWidth: 224,
    resizeHeight: 224,
    left: 0,
    top: 0,
  });
});
