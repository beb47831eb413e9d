/** How a variant's scores differ from the float model's, over the same pictures. */
export interface Agreement {
  readonly pictures: number;
  /** Share of pictures whose most likely class is the same, 0–1. */
  readonly top1Agreement: number;
  readonly largestLogitError: number;
  readonly meanLogitError: number;
  readonly largestProbabilityChange: number;
  /** A class is decided on when its probability reaches this. */
  readonly decisionThreshold: number;
  /** Pictures for which another set of classes reaches the threshold. */
  readonly decisionsChanged: number;
}

/**
 * @param scores `[pictures, classes]` logits, row-major, one row per picture in both
 */
export function compareOutputs(scores: {
  readonly expected: readonly Float32Array[];
  readonly actual: readonly Float32Array[];
  readonly decisionThreshold: number;
}): Agreement {
  const { expected, actual, decisionThreshold } = scores;
  const rows = expected.map((row, i) => compareRow(row, actual[i] ?? NONE, decisionThreshold));
  const numbers = expected.reduce((sum, row) => sum + row.length, 0);
  return {
    pictures: rows.length,
    top1Agreement: rows.filter(({ hasSameTop }) => hasSameTop).length / rows.length,
    largestLogitError: greatest(rows.map((row) => row.largestError)),
    meanLogitError: rows.reduce((sum, row) => sum + row.sumOfErrors, 0) / numbers,
    largestProbabilityChange: greatest(rows.map((row) => row.largestChange)),
    decisionThreshold,
    decisionsChanged: rows.filter(({ isDecidedOtherwise }) => isDecidedOtherwise).length,
  };
}

const NONE = new Float32Array();

interface RowComparison {
  readonly hasSameTop: boolean;
  readonly largestError: number;
  readonly sumOfErrors: number;
  readonly largestChange: number;
  readonly isDecidedOtherwise: boolean;
}

function compareRow(
  expected: Float32Array,
  actual: Float32Array,
  threshold: number,
): RowComparison {
  const errors = Array.from(expected, (value, c) => Math.abs(value - (actual[c] ?? Number.NaN)));
  const [before, after] = [softmax(expected), softmax(actual)];
  const changes = Array.from(before, (value, c) => Math.abs(value - (after[c] ?? Number.NaN)));
  return {
    hasSameTop: topOf(expected) === topOf(actual),
    largestError: greatest(errors),
    sumOfErrors: errors.reduce((sum, error) => sum + error, 0),
    largestChange: greatest(changes),
    isDecidedOtherwise: before.some(
      (value, c) => value >= threshold !== (after[c] ?? 0) >= threshold,
    ),
  };
}

function softmax(logits: Float32Array): Float64Array {
  const top = greatest(logits);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - top));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function topOf(logits: Float32Array): number {
  return logits.indexOf(greatest(logits));
}

/** NaN when one of the values is: an error that is no number must not look like none. */
function greatest(values: Iterable<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value > top || Number.isNaN(value)) top = value;
    if (Number.isNaN(top)) return top;
  }
  return top;
}
