import type { LinearHead } from "./linear-head.ts";

/** Per feature; `deviation` is infinite for one that never changes, so that it and its weights become 0. */
export interface Standardisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * (x − mean) / deviation per feature, so that one strength of regularisation means the same for all of them and L-BFGS
 * meets a well conditioned function.
 *
 * @param features `[rows, dimension]`; overwritten, since they are the largest thing in memory
 */
export function standardiseInPlace(features: Float64Array, dimension: number): Standardisation {
  const rows = features.length / dimension;
  const mean = new Float64Array(dimension);
  const deviation = new Float64Array(dimension);
  for (let i = 0; i < features.length; i++) {
    mean[i % dimension] = (mean[i % dimension] ?? 0) + (features[i] ?? 0) / rows;
  }
  for (let i = 0; i < features.length; i++) {
    const difference = (features[i] ?? 0) - (mean[i % dimension] ?? 0);
    features[i] = difference;
    deviation[i % dimension] = (deviation[i % dimension] ?? 0) + (difference * difference) / rows;
  }
  for (let j = 0; j < dimension; j++) {
    const spread = Math.sqrt(deviation[j] ?? 0);
    deviation[j] = isConstant(spread, mean[j] ?? 0) ? Number.POSITIVE_INFINITY : spread;
  }
  for (let i = 0; i < features.length; i++) {
    features[i] = (features[i] ?? 0) / (deviation[i % dimension] ?? 1);
  }
  return { mean, deviation };
}

/** Rounding of the mean alone leaves this much spread; blown up to 1 it would be noise that looks like a feature. */
function isConstant(spread: number, mean: number): boolean {
  return spread <= 1e-9 * Math.abs(mean) || spread < Number.MIN_VALUE * 1e16;
}

/**
 * The head for features as they come that gives the same logits as `head` does for standardised ones: w/σ, and the
 * bias less Σ w·μ/σ.
 */
export function foldStandardisation(
  head: LinearHead,
  { mean, deviation }: Standardisation,
): LinearHead {
  const { classes, dimension } = head;
  const weights = head.weights.slice();
  const bias = head.bias.slice();
  for (let c = 0; c < classes; c++) {
    for (let j = 0; j < dimension; j++) {
      const weight = (weights[c * dimension + j] ?? 0) / (deviation[j] ?? 1);
      weights[c * dimension + j] = weight;
      bias[c] = (bias[c] ?? 0) - weight * (mean[j] ?? 0);
    }
  }
  return { classes, dimension, weights, bias };
}
