/** As in the paper named below. */
const BINS = 15;

export interface Answer {
  /** Probability that the model gave to the class it chose. */
  readonly confidence: number;
  readonly isRight: boolean;
}

/**
 * Expected calibration error: how far confidence is from accuracy, on average over 15 bins of equal width. Guo et al.,
 * "On Calibration of Modern Neural Networks" (ICML 2017), eq. 3; bin m is ((m−1)/15, m/15].
 *
 * @returns 0 (as sure as it is right) to 1
 */
export function calibrationError(answers: readonly Answer[]): number {
  const excess = new Float64Array(BINS);
  for (const { confidence, isRight } of answers) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1));
    excess[bin] = (excess[bin] ?? 0) + confidence - (isRight ? 1 : 0);
  }
  return excess.reduce((sum, value) => sum + Math.abs(value), 0) / answers.length;
}
