import { FitError } from "./fit-error.ts";
import { shuffle } from "./shuffle.ts";

export interface SplitOptions {
  /** Share of every class that is held out, above 0 and below 1. */
  readonly fraction: number;
  /** Any whole number; the same seed gives the same split. */
  readonly seed: number;
}

/** Row numbers, ascending; every row is in one of the two. */
export interface Split {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Holds out a share of each class. A class with two samples or more has at least one on each side; the only one of a class
 * is for training.
 *
 * @throws FitError when the fraction is not between 0 and 1
 */
export function splitHeldOut(labels: Int32Array, { fraction, seed }: SplitOptions): Split {
  if (!(fraction > 0 && fraction < 1)) {
    throw new FitError(`the share to hold out is ${fraction}, expected one between 0 and 1`);
  }
  const cuts = shuffledByClass(labels, seed).map((rows) => {
    const wanted = Math.max(1, Math.round(fraction * rows.length));
    const count = Math.min(wanted, rows.length - 1);
    return { training: rows.subarray(count), heldOut: rows.subarray(0, count) };
  });
  return {
    training: ascending(cuts.map((cut) => cut.training)),
    heldOut: ascending(cuts.map((cut) => cut.heldOut)),
  };
}

/** The rows of each class that has any, each in an order of its own. */
export function shuffledByClass(labels: Int32Array, seed: number): readonly Int32Array[] {
  const byClass = Map.groupBy(labels.keys(), (row) => labels[row] ?? 0);
  return [...byClass.keys()]
    .toSorted((a, b) => a - b)
    .map((label) => shuffle(Int32Array.from(byClass.get(label) ?? []), seed + label));
}

function ascending(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part])).sort();
}
