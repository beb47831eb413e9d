import { expect, test } from "vitest";
import { planSharedStep } from "./plan-shared-step.ts";

const phone = { width: 4032, height: 3024 };
const small = {
  fit: "shortest-edge",
  resize: 256,
  height: 224,
  width: 224,
  interpolation: "bilinear",
} as const;
const large = { ...small, resize: 320, height: 299, width: 299 };

test("the largest spec's step serves all, on each axis", () => {
  expect(planSharedStep(phone, [small, large])).toEqual({ width: 3 * 426, height: 3 * 320 });
  const square = { ...small, fit: "stretch", height: 330, width: 330 } as const;
  expect(planSharedStep(phone, [small, square])).toEqual({ width: 3 * 341, height: 3 * 330 });
});

test("all pixels are decoded where the largest spec needs them, and for filters that differ", () => {
  expect(planSharedStep(phone, [small, { ...small, resize: 600 }])).toBeNull();
  expect(planSharedStep(phone, [small, { ...large, interpolation: "bicubic" }])).toBeNull();
});
