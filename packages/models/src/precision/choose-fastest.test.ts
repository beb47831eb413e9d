import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseFastest } from "./choose-fastest.ts";

const int8 = (...roundsMs: number[]) => ({ variant: "int8" as const, roundsMs });
const fp16 = (...roundsMs: number[]) => ({ variant: "fp16" as const, roundsMs });

test("a variant that is clearly faster is taken, and its speed-up is told", () => {
  expect(chooseFastest({ float32: [100, 100], variants: [int8(50, 50)] }, 1.05)).toEqual({
    precision: "int8",
    speedups: [{ variant: "int8", speedup: 2 }],
  });
});

test.each([
  ["slower", 130, "float32"],
  ["equally fast", 105, "float32"],
  ["less than 5 % faster", 100.5, "float32"],
  ["5 % faster", 100, "int8"],
])("one that is %s: %d ms beside 105 ms is %s", (_, ms, precision) => {
  expect(chooseFastest({ float32: [105], variants: [int8(ms)] }, 1.05).precision).toBe(precision);
});

test("one disturbed round decides nothing, whichever it hits", () => {
  const { precision, speedups } = chooseFastest(
    { float32: [100, 100, 900, 100, 100], variants: [int8(95, 700, 99, 99, 99)] },
    1.05,
  );
  expect(precision).toBe("float32");
  expect(speedups[0]!.speedup).toBeCloseTo(100 / 99, 6);
});

test("of two variants the faster one is taken, of two that are equally fast the first", () => {
  const choose = (first: number, second: number) =>
    chooseFastest({ float32: [100], variants: [fp16(first), int8(second)] }, 1.05).precision;
  expect([choose(50, 40), choose(40, 50), choose(50, 50)]).toEqual(["int8", "fp16", "fp16"]);
});

test("without variants or without a round there is only float32", () => {
  expect(chooseFastest({ float32: [100], variants: [] }, 1).precision).toBe("float32");
  expect(chooseFastest({ float32: [], variants: [int8()] }, 1).precision).toBe("float32");
});

test("what is taken is float32, or never slower than asked for and than any other", () => {
  const round = fc.double({ min: 0.1, max: 1000, noNaN: true });
  const rounds = fc.array(round, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(rounds, rounds, rounds, (float32, a, b) => {
      const chosen = chooseFastest({ float32, variants: [fp16(...a), int8(...b)] }, 1.05);
      const best = Math.max(...chosen.speedups.map(({ speedup }) => speedup));
      const taken = chosen.speedups.find(({ variant }) => variant === chosen.precision);
      expect(taken === undefined ? best < 1.05 : taken.speedup === best && best >= 1.05).toBe(true);
    }),
  );
});
