/**
 * Turns one row of logits into probabilities, in place, without overflow.
 *
 * @returns log Σ exp(logit), for the log-likelihood: log p(class) = logit of the class − this
 */
export function softmaxRow(values: Float64Array, start: number, length: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) largest = Math.max(largest, values[start + i] ?? 0);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const raised = Math.exp((values[start + i] ?? 0) - largest);
    values[start + i] = raised;
    sum += raised;
  }
  for (let i = 0; i < length; i++) values[start + i] = (values[start + i] ?? 0) / sum;
  return largest + Math.log(sum);
}

/**
 * @param logits `[rows, classes]`
 * @param temperature logits are divided by it; 1 leaves them as they are
 * @returns probabilities `[rows, classes]`, each row summing to 1
 */
export function softmax(logits: Float64Array, classes: number, temperature = 1): Float64Array {
  const probabilities = logits.map((logit) => logit / temperature);
  for (let start = 0; start < probabilities.length; start += classes) {
    softmaxRow(probabilities, start, classes);
  }
  return probabilities;
}
