import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareKeys, keyBetween } from "./key-order.ts";

const key = fc.string({ unit: "binary", maxLength: 12 });

test("keys are in the order of their bytes", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareKeys(a, b))).toBe(bytes);
    }),
  );
});

describe("a key between two others", () => {
  test("lies between them", () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        const [low, high] = compareKeys(a, b) <= 0 ? [a, b] : [b, a];
        const middle = keyBetween(low, high, "");
        const isBetween =
          middle === null || (compareKeys(low, middle) < 0 && compareKeys(middle, high) < 0);
        expect(isBetween && middle?.isWellFormed() !== false).toBe(true);
      }),
    );
  });

  test("without an upper end begins with the prefix and lies above the lower one", () => {
    fc.assert(
      fc.property(key, key, (prefix, rest) => {
        const middle = keyBetween(prefix + rest, null, prefix);
        const isAbove =
          middle === null || (middle.startsWith(prefix) && compareKeys(prefix + rest, middle) < 0);
        expect(isAbove).toBe(true);
      }),
    );
  });

  test.each([
    ["img-0000999", "img-0000999\u0001", "img-"],
    ["a", "a", ""],
  ])("is not sought where hardly anything fits: %j to %j", (low, high, prefix) => {
    expect(keyBetween(low, high, prefix)).toBeNull();
  });

  test("reaches the middle of numbered names in a few steps", () => {
    let high: string | null = null;
    let steps = 0;
    while (high === null || high > "img-09") {
      high = keyBetween("img-0001000.jpg", high, "img-");
      steps += 1;
    }
    expect(high > "img-0001000.jpg").toBe(true);
    expect(steps).toBeLessThan(20);
  });
});
