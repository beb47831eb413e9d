import { expect, test } from "vitest";
import { orderStages } from "./order-stages.ts";

test("the cheapest measured member runs first", () => {
  expect(orderStages([4, 1, 3], undefined)).toEqual([[1], [2], [0]]);
});

test("the member for embeddings runs first, whatever it costs", () => {
  expect(orderStages([4, 1, 3], 0)).toEqual([[0], [1], [2]]);
});
