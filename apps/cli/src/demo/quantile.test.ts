import { expect, test } from "vitest";
import { quantile } from "./quantile.ts";

test("the nearest rank is a value that was measured", () => {
  const values = [50, 10, 40, 20, 30];
  expect([0, 0.5, 0.99, 1].map((fraction) => quantile(values, fraction))).toEqual([10, 30, 50, 50]);
});

test("nothing measured has no quantile", () => {
  expect(quantile([], 0.5)).toBeNull();
});
