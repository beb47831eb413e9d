import { expect, test } from "vitest";
import { shuffle } from "./shuffle.ts";

const items = Int32Array.from({ length: 6 }, (_, i) => i);

test("every item comes to every place about equally often", () => {
  const seen = Array.from(items, () => new Int32Array(items.length));
  const runs = 6000;
  for (let seed = 0; seed < runs; seed++) {
    for (const [place, item] of shuffle(items, seed).entries()) seen[item]![place]! += 1;
  }
  // 1000 expected in each; the deviation is 29, and five of them are allowed.
  for (const count of seen.flatMap((places) => [...places])) {
    expect(Math.abs(count - runs / items.length)).toBeLessThan(5 * 29);
  }
});

test("an order depends on its seed alone", () => {
  expect(shuffle(items, 42)).toEqual(shuffle(items, 42));
  expect([...items]).toEqual([0, 1, 2, 3, 4, 5]);
});
