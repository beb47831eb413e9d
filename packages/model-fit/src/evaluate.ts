import { calibrationError, type Answer } from "./calibration-error.ts";
import { FitError } from "./fit-error.ts";
import { countLabels } from "./samples.ts";
import { wilsonInterval } from "./wilson-interval.ts";

export interface Predictions {
  /** `[rows, classes]`, each row summing to 1. */
  readonly probabilities: Float64Array;
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface ClassReport {
  /** Right among those called this class; null when none was. */
  readonly precision: number | null;
  /** Found among those of this class; null when there are none. */
  readonly recall: number | null;
  /** Harmonic mean of both; null when the class is neither there nor called. */
  readonly f1: number | null;
  /** Rows of this class. */
  readonly support: number;
}

export interface Evaluation {
  readonly rows: number;
  readonly accuracy: number;
  /** Wilson, 95 %. */
  readonly accuracyInterval: readonly [low: number, high: number];
  /** Mean recall of the classes that have rows. */
  readonly balancedAccuracy: number;
  readonly perClass: readonly ClassReport[];
  /** Rows by their own class (first index) and the class they were called. */
  readonly confusion: readonly (readonly number[])[];
  /** ECE, 15 bins. */
  readonly calibrationError: number;
  /** Mean negative log-likelihood in nats. */
  readonly logLoss: number;
}

/**
 * Judges predictions of rows that the model has not seen.
 *
 * @throws FitError when there are no rows, or labels and probabilities do not fit together
 */
export function evaluate({ probabilities, labels, classes }: Predictions): Evaluation {
  const rows = labels.length;
  if (rows === 0 || probabilities.length !== rows * classes) {
    throw new FitError(
      `${rows} labels of ${classes} classes do not fit ${probabilities.length} probabilities`,
    );
  }
  const confusion = Array.from({ length: classes }, () => new Int32Array(classes));
  const answers: Answer[] = [];
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const chosen = probabilities.subarray(row * classes, (row + 1) * classes);
    const called = indexOfLargest(chosen);
    const line = confusion[label];
    if (line === undefined)
      throw new FitError(`row ${row} has label ${label} of ${classes} classes`);
    line[called] = (line[called] ?? 0) + 1;
    answers.push({ confidence: chosen[called] ?? 0, isRight: called === label });
    loss -= Math.log(Math.max(chosen[label] ?? 0, Number.EPSILON));
  }
  const hits = answers.filter(({ isRight }) => isRight).length;
  const perClass = reportClasses(confusion, labels);
  const recalls = perClass.flatMap(({ recall }) => (recall === null ? [] : [recall]));
  return {
    rows,
    accuracy: hits / rows,
    accuracyInterval: wilsonInterval(hits, rows),
    balancedAccuracy: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
    perClass,
    confusion: confusion.map((line) => [...line]),
    calibrationError: calibrationError(answers),
    logLoss: loss / rows,
  };
}

function reportClasses(
  confusion: readonly Int32Array[],
  labels: Int32Array,
): readonly ClassReport[] {
  const supports = countLabels(labels, confusion.length);
  return confusion.map((line, id) => {
    const right = line[id] ?? 0;
    const support = supports[id] ?? 0;
    const called = confusion.reduce((sum, other) => sum + (other[id] ?? 0), 0);
    return {
      precision: called === 0 ? null : right / called,
      recall: support === 0 ? null : right / support,
      f1: called + support === 0 ? null : (2 * right) / (called + support),
      support,
    };
  });
}

/** Of equal ones the first. */
function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
