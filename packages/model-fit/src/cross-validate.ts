import { weighClasses, type ClassWeights } from "./class-weights.ts";
import { FitError } from "./fit-error.ts";
import { fitStandardised } from "./fit-logistic-regression.ts";
import { applyHead } from "./linear-head.ts";
import { logLoss } from "./log-loss.ts";
import { checkSamples, takeRows, type Samples } from "./samples.ts";
import type { Split } from "./split-held-out.ts";
import { foldStandardisation, standardiseInPlace } from "./standardise.ts";
import { stratifiedFolds } from "./stratified-folds.ts";

/** Strengths of regularisation to choose from: from hardly following the samples to following each. */
export const L2_GRID: readonly number[] = [10, 1, 0.1, 0.01, 0.001, 0.0001];

export interface CrossValidationOptions extends Samples {
  readonly classWeights: ClassWeights;
  /** Any whole number; the same seed gives the same folds. */
  readonly seed: number;
  /** Default 5. */
  readonly folds?: number;
  /** Default L2_GRID. */
  readonly grid?: readonly number[];
}

/** How one strength of regularisation did on rows that its fits had not seen. */
export interface CrossValidated {
  readonly l2: number;
  /** Mean over the rows, weighted as the fit weighs the classes. */
  readonly logLoss: number;
  /** `[labels.length, classes]`, of the rows below. */
  readonly logits: Float64Array;
  /** Labels of the rows that were held out in some fold. */
  readonly labels: Int32Array;
}

/** Enough to compare strengths by their loss in its third digit. */
const TOLERANCE = 1e-4;

/**
 * Stratified k-fold cross-validation of every strength in the grid, strongest first. Yields after every fit, so that a caller
 * can do something else in between, or stop.
 *
 * @throws FitError when no class has two samples, or the samples are not well formed
 */
export function* crossValidate(
  options: CrossValidationOptions,
): Generator<void, readonly CrossValidated[]> {
  checkSamples(options);
  const { labels, classes, seed, folds = 5, grid = L2_GRID, classWeights } = options;
  const splits = stratifiedFolds(labels, { folds, seed });
  if (splits.length === 0) {
    throw new FitError("no class has two samples, so nothing can be held out; add samples");
  }
  const strengths = grid.toSorted((a, b) => b - a);
  const perFold: (readonly Float64Array[])[] = [];
  for (const split of splits) perFold.push(yield* foldLogits(options, split, strengths));
  const heldOut = concatLabels(
    splits.map(({ heldOut: rows }) => rows.map((row) => labels[row] ?? 0)),
  );
  const weights = weighClasses(labels, classes, classWeights);
  return strengths.map((l2, i) => {
    const logits = concat(perFold.map((byStrength) => byStrength[i] ?? new Float64Array()));
    return { l2, logits, labels: heldOut, logLoss: logLoss({ logits, labels: heldOut, weights }) };
  });
}

/** The strength with the lowest loss; of equal ones the strongest. */
export function chooseL2(results: readonly CrossValidated[]): CrossValidated {
  const [first, ...others] = results.toSorted((a, b) => b.l2 - a.l2);
  if (first === undefined) throw new FitError("there is no l2 to choose from; name at least one");
  return others.reduce((best, next) => (next.logLoss < best.logLoss ? next : best), first);
}

/** Logits of the fold's held-out rows for each strength. Each fit starts from the one before, which is near. */
function* foldLogits(
  { classWeights, ...samples }: CrossValidationOptions,
  split: Split,
  strengths: readonly number[],
): Generator<void, readonly Float64Array[]> {
  const { classes, dimension } = samples;
  const training = takeRows(samples, split.training);
  const heldOut = takeRows(samples, split.heldOut);
  const by = standardiseInPlace(training.features, dimension);
  const found: Float64Array[] = [];
  let start = new Float64Array(classes * (dimension + 1));
  for (const l2 of strengths) {
    const about = { l2, classWeights, gradientTolerance: TOLERANCE };
    const { x } = fitStandardised({ ...training, ...about }, start);
    start = Float64Array.from(x);
    const weights = x.slice(0, classes * dimension);
    const bias = x.slice(classes * dimension);
    const head = foldStandardisation({ classes, dimension, weights, bias }, by);
    found.push(applyHead(head, heldOut.features));
    yield;
  }
  return found;
}

function concat(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function concatLabels(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}
