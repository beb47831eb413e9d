import { FitError } from "./fit-error.ts";

/** Labelled embeddings. */
export interface Samples {
  /** `[rows, dimension]`, row-major, finite. */
  readonly features: Float64Array;
  readonly dimension: number;
  /** Class id of each row, from 0 to classes − 1. */
  readonly labels: Int32Array;
  readonly classes: number;
}

/** @throws FitError naming the row that is wrong, or what does not fit together */
export function checkSamples({ features, dimension, labels, classes }: Samples): void {
  const rows = labels.length;
  if (rows === 0 || dimension < 1) throw new FitError("there is nothing to fit: no rows");
  if (features.length !== rows * dimension) {
    throw new FitError(
      `${rows} labels of ${dimension} features each need ${rows * dimension} numbers, received ${features.length}`,
    );
  }
  if (classes < 2) throw new FitError(`expected two classes or more, received ${classes}`);
  for (const [row, label] of labels.entries()) {
    if (label < 0 || label >= classes) {
      throw new FitError(`row ${row} has label ${label}; expected 0 to ${classes - 1}`);
    }
  }
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const [row, column] = [Math.floor(wrong / dimension), wrong % dimension];
    throw new FitError(
      `feature ${column} of row ${row} is ${features[wrong]}, expected a finite number; the model cannot read that picture`,
    );
  }
}

/** Copies the named rows, in the order named. */
export function takeRows(samples: Samples, rows: Int32Array): Samples {
  const { dimension } = samples;
  const features = new Float64Array(rows.length * dimension);
  const labels = new Int32Array(rows.length);
  for (const [to, from] of rows.entries()) {
    const source = samples.features.subarray(from * dimension, (from + 1) * dimension);
    features.set(source, to * dimension);
    labels[to] = samples.labels[from] ?? 0;
  }
  return { ...samples, features, labels };
}

/** How many rows each class has. */
export function countLabels(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
