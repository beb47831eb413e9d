import fc from "fast-check";
import { expect, test } from "vitest";
import { planShrinkOnLoad } from "./plan-shrink-on-load.ts";

/** libjpeg's share of a step, as sharp 0.35 decides it with `fastShrinkOnLoad` (pipeline.cc, "shrink-on-load"). */
function shareOfLibjpeg(factor: number): number {
  const share = [8, 4, 2].find((by) => factor >= by) ?? 1;
  return share > 1 && Math.floor(factor) === share ? share / 2 : share;
}

test("libjpeg's share divides both sides, and libvips shrinks the rest by less than four", () => {
  const side = fc.integer({ min: 100, max: 2500 }).map((eighth) => eighth * 4);
  const target = fc.integer({ min: 64, max: 600 });
  const filter = fc.constantFrom("bilinear", "bicubic");
  fc.assert(
    fc.property(
      side,
      side,
      target,
      target,
      filter,
      (width, height, across, down, interpolation) => {
        const to = { width: across, height: down };
        const step = planShrinkOnLoad({ width, height }, to, interpolation);
        fc.pre(step !== null);
        const factors = [width / step!.width, height / step!.height];
        const share = shareOfLibjpeg(Math.min(...factors));
        expect(share).toBeGreaterThan(1);
        expect([width % share, height % share]).toEqual([0, 0]);
        expect(Math.max(...factors) / share).toBeLessThan(4);
      },
    ),
  );
});

test.each([
  ["12 megapixels", 4032, 3024],
  ["48 megapixels", 8064, 6048],
])("%s are shrunk to three times the target", (_, width, height) => {
  expect(planShrinkOnLoad({ width, height }, { width: 298, height: 224 }, "bilinear")).toEqual({
    width: 894,
    height: 672,
  });
});

test.each([
  ["an odd side", 4031, 3024],
  ["a side that four does not divide", 6050, 4500],
  ["a shrink by less than nine", 2592, 1944],
  ["an axis that shrinks little", 4000, 800],
])("%s: all pixels are decoded", (_, width, height) => {
  expect(planShrinkOnLoad({ width, height }, { width: 298, height: 224 }, "bilinear")).toBeNull();
});

test("bicubic leaves its last step less, where libjpeg has no share otherwise", () => {
  const target = { width: 512, height: 384 };
  const phone = { width: 4000, height: 3000 };
  expect(planShrinkOnLoad(phone, target, "bilinear")).toBeNull();
  expect(planShrinkOnLoad(phone, target, "bicubic")).toEqual({ width: 1333, height: 1000 });
  const least = { width: 3840, height: 2880 };
  expect(planShrinkOnLoad(least, target, "bicubic")).toEqual({ width: 1280, height: 960 });
  const less = { width: 3832, height: 2872 };
  expect(planShrinkOnLoad(less, target, "bicubic")).toBeNull();
});
