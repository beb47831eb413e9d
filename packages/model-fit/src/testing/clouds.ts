import type { Samples } from "../samples.ts";

export interface CloudOptions {
  /** Rows of each class. */
  readonly counts: readonly number[];
  readonly dimension: number;
  /** Distance of the clouds' centres along one feature each, in deviations. */
  readonly distance: number;
  readonly seed: number;
}

/** Normally distributed clouds, one per class, that differ in one feature each. */
export function drawClouds({ counts, dimension, distance, seed }: CloudOptions): Samples {
  const normal = normals(seed);
  const labels = Int32Array.from(
    counts.flatMap((count, label) => Array.from({ length: count }, () => label)),
  );
  const features = new Float64Array(labels.length * dimension);
  for (const [row, label] of labels.entries()) {
    for (let j = 0; j < dimension; j++) {
      features[row * dimension + j] = normal() + (j === label ? distance : 0);
    }
  }
  return { features, dimension, labels, classes: counts.length };
}

/** Sums of twelve uniform numbers less six: near enough to normal. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
}
