import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyFilter } from "./key-filter.ts";

test("a key that was added is never said to be absent", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer(), (keys, seed) => {
      const filter = new KeyFilter(keys.length, seed);
      for (const key of keys) filter.add(key);
      expect(keys.filter((key) => !filter.has(key))).toEqual([]);
    }),
  );
});

test("of keys that were not, few seem to be there, and with another seed they are others", () => {
  const wrong = [1, 2].map((seed) => {
    const filter = new KeyFilter(20_000, seed);
    for (let n = 0; n < 20_000; n++) filter.add(`uploads/${n}.jpg`);
    const others = Array.from({ length: 20_000 }, (_, n) => `uploads/${n}.png`);
    return others.filter((key) => filter.has(key));
  });
  for (const keys of wrong) expect(keys.length).toBeLessThan(600);
  expect(wrong[0]?.filter((key) => wrong[1]?.includes(key)).length).toBeLessThan(60);
});
