import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FitError } from "./fit-error.ts";
import { countLabels } from "./samples.ts";
import { splitHeldOut, type Split } from "./split-held-out.ts";
import { stratifiedFolds } from "./stratified-folds.ts";

const CLASSES = 4;
const anyLabels = fc
  .array(fc.integer({ min: 0, max: CLASSES - 1 }), { minLength: 1, maxLength: 60 })
  .map((labels) => Int32Array.from(labels));
const anySeed = fc.integer();

function countsOf(labels: Int32Array, rows: Int32Array): Int32Array {
  return countLabels(
    rows.map((row) => labels[row]!),
    CLASSES,
  );
}

function expectPartition(labels: Int32Array, { training, heldOut }: Split): void {
  expect([...training, ...heldOut].toSorted((a, b) => a - b)).toEqual([...labels.keys()]);
}

describe("what is held out", () => {
  test("has at least one of every class with two or more, and leaves at least one to learn from", () => {
    const fractions = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(anyLabels, fractions, anySeed, (labels, fraction, seed) => {
        const split = splitHeldOut(labels, { fraction, seed });
        expectPartition(labels, split);
        const held = countsOf(labels, split.heldOut);
        for (const [id, count] of countLabels(labels, CLASSES).entries()) {
          const wanted = Math.max(1, Math.round(fraction * count));
          expect(held[id]).toBe(Math.max(0, Math.min(count - 1, wanted)));
        }
      }),
    );
  });

  test("is the same for the same seed and another for another", () => {
    const labels = new Int32Array(50);
    const split = (seed: number): Split => splitHeldOut(labels, { fraction: 0.2, seed });
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  test.each([0, 1, -0.1, Number.NaN])("cannot be a share of %s", (fraction) => {
    expect(() => splitHeldOut(new Int32Array(4), { fraction, seed: 1 })).toThrow(FitError);
  });
});

describe("folds", () => {
  test("hold out every row once, except the only one of a class, with equal shares of each class", () => {
    fc.assert(
      fc.property(anyLabels, fc.integer({ min: 2, max: 7 }), anySeed, (labels, folds, seed) => {
        const splits = stratifiedFolds(labels, { folds, seed });
        for (const split of splits) expectPartition(labels, split);
        const heldOut = Int32Array.from(splits.flatMap((split) => [...split.heldOut]));
        expect(new Set(heldOut).size).toBe(heldOut.length);
        const counts = countLabels(labels, CLASSES);
        const held = countsOf(labels, heldOut);
        for (const [id, count] of counts.entries()) {
          const whole = count < 2 ? 0 : count;
          expect(held[id]).toBe(whole);
          for (const split of splits) {
            const share = countsOf(labels, split.heldOut)[id]!;
            expect(Math.abs(share - whole / folds)).toBeLessThan(1);
            expect(count - share).toBeGreaterThanOrEqual(Math.min(1, count));
          }
        }
      }),
    );
  });

  test("are two or more", () => {
    expect(() => stratifiedFolds(new Int32Array(4), { folds: 1, seed: 1 })).toThrow(FitError);
  });
});
