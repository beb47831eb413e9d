import { dotAt } from "./vector.ts";

/** The last layer of a classifier: logits = features · weightsᵀ + bias. */
export interface LinearHead {
  readonly classes: number;
  readonly dimension: number;
  /** `[classes, dimension]`, row-major. */
  readonly weights: Float64Array;
  /** `[classes]` */
  readonly bias: Float64Array;
}

/**
 * @param features `[rows, dimension]`
 * @returns logits `[rows, classes]`
 */
export function applyHead(head: LinearHead, features: Float64Array): Float64Array {
  const { classes, dimension, weights, bias } = head;
  const rows = features.length / dimension;
  const logits = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < classes; c++) {
      const product = dotAt(weights, c * dimension, features, row * dimension, dimension);
      logits[row * classes + c] = product + (bias[c] ?? 0);
    }
  }
  return logits;
}

/** The head whose logits are those of `head` divided by a temperature. */
export function coolHead(head: LinearHead, temperature: number): LinearHead {
  return {
    ...head,
    weights: head.weights.map((weight) => weight / temperature),
    bias: head.bias.map((value) => value / temperature),
  };
}
