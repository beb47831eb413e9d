import { FitError } from "./fit-error.ts";
import { softmaxRow } from "./softmax.ts";

export interface TemperatureOptions {
  /** `[rows, classes]`, of rows that the fit has not seen. */
  readonly logits: Float64Array;
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface Temperature {
  /** Logits are divided by it: above 1 makes a model less sure of itself. */
  readonly temperature: number;
  /** The best would lie beyond the range; the end of it is returned. */
  readonly isAtLimit: boolean;
}

/** Beyond this no rows that a person can collect tell one temperature from another. */
const COLDEST = 0.1;
const HOTTEST = 10;
const BISECTIONS = 60;

/**
 * The one number that makes probabilities honest without changing a single answer: it minimises the negative log-likelihood
 * of softmax(logits / temperature). Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks" (ICML 2017), §4.2.
 *
 * Where every row is right, likelihood alone asks for infinite certainty. So the targets are smoothed as by Platt
 * ("Probabilistic outputs for support vector machines", 1999, §2.2): (n + 1) / (n + classes) in place of 1, which is as sure
 * as n rows without a mistake can make anyone.
 *
 * In 1/temperature the function is convex, so its slope is bisected.
 *
 * @throws FitError when logits and labels do not fit together or a logit is not finite
 */
export function fitTemperature({ logits, labels, classes }: TemperatureOptions): Temperature {
  if (labels.length === 0 || logits.length !== labels.length * classes) {
    throw new FitError(
      `${labels.length} labels of ${classes} classes do not fit ${logits.length} logits`,
    );
  }
  if (!logits.every(Number.isFinite)) throw new FitError("a logit is not finite");
  const row = new Float64Array(classes);
  const slopeAt = (inverse: number): number => slope({ logits, labels, classes }, inverse, row);
  let low = 1 / HOTTEST;
  let high = 1 / COLDEST;
  if (slopeAt(low) >= 0) return { temperature: HOTTEST, isAtLimit: true };
  if (slopeAt(high) <= 0) return { temperature: COLDEST, isAtLimit: true };
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (slopeAt(middle) < 0) low = middle;
    else high = middle;
  }
  return { temperature: 2 / (low + high), isAtLimit: false };
}

/** Derivative of the mean negative log-likelihood by 1/temperature: the expected logit less that of the target. */
function slope(
  { logits, labels, classes }: TemperatureOptions,
  inverse: number,
  row: Float64Array,
): number {
  const rest = 1 / (labels.length + classes);
  const own = labels.length * rest; // Of the label, beside the rest that every class has.
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const start = i * classes;
    for (let c = 0; c < classes; c++) row[c] = inverse * (logits[start + c] ?? 0);
    softmaxRow(row, 0, classes);
    for (let c = 0; c < classes; c++) sum += ((row[c] ?? 0) - rest) * (logits[start + c] ?? 0);
    sum -= own * (logits[start + (labels[i] ?? 0)] ?? 0);
  }
  return sum / labels.length;
}
