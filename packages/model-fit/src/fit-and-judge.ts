import type { ClassWeights } from "./class-weights.ts";
import { chooseL2, crossValidate, type CrossValidated } from "./cross-validate.ts";
import { evaluate, type Evaluation } from "./evaluate.ts";
import { fitLogisticRegression, type LogisticFit } from "./fit-logistic-regression.ts";
import { fitTemperature, type Temperature } from "./fit-temperature.ts";
import { applyHead } from "./linear-head.ts";
import { countLabels, takeRows, type Samples } from "./samples.ts";
import { softmax } from "./softmax.ts";
import { splitHeldOut } from "./split-held-out.ts";

export interface FitSettings {
  /** Share of each class that is held out for the judgement, above 0 and below 1. */
  readonly heldOut: number;
  /** Any whole number; the same seed gives the same result. */
  readonly seed: number;
  /** Null: chosen by cross-validation of the training rows. */
  readonly l2: number | null;
  readonly classWeights: ClassWeights;
  /** The head is fitted anew on all rows after it was judged; otherwise it is the judged one. */
  readonly refitsOnAll: boolean;
}

export interface Judged {
  readonly head: LogisticFit;
  readonly l2: number;
  /** Loss of each l2 that was tried, on rows that its fits had not seen; null when a class has too few rows for that. */
  readonly crossValidation: readonly Pick<CrossValidated, "l2" | "logLoss">[] | null;
  /** From the rows of the cross-validation, so neither from those the head has seen nor from the held-out ones. */
  readonly temperature: Temperature | null;
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
  /** `[heldOut, classes]`, of the head that was fitted without them. */
  readonly probabilities: Float64Array;
  readonly evaluation: Evaluation;
  /** The same with the temperature; null without one. */
  readonly tempered: Evaluation | null;
}

/** Used where the rows are too few to choose; the middle of what cross-validation chooses for embeddings of networks. */
const L2_OF_FEW_ROWS = 0.1;

/**
 * Fits a last layer on labelled embeddings and judges it on rows that had no part in the fit, nor in the choice of l2. Yields
 * after every fit, so that a caller can do something else in between, or stop; `runToEnd` does neither.
 *
 * @throws FitError when nothing can be held out, or the samples are not well formed
 */
export function* fitAndJudge(samples: Samples, settings: FitSettings): Generator<void, Judged> {
  const { seed, classWeights } = settings;
  const split = splitHeldOut(samples.labels, { fraction: settings.heldOut, seed });
  const training = takeRows(samples, split.training);
  const heldOut = takeRows(samples, split.heldOut);
  const tried = yield* compareStrengths(training, settings);
  const best = tried === null ? null : chooseL2(tried);
  const l2 = settings.l2 ?? best?.l2 ?? L2_OF_FEW_ROWS;
  const judged = fitLogisticRegression({ ...training, l2, classWeights });
  yield;
  const logits = applyHead(judged, heldOut.features);
  const { classes } = samples;
  const temperature = best === null ? null : fitTemperature({ ...best, classes });
  const judge = (probabilities: Float64Array): Evaluation =>
    evaluate({ probabilities, labels: heldOut.labels, classes });
  const probabilities = softmax(logits, classes);
  return {
    head: settings.refitsOnAll ? fitLogisticRegression({ ...samples, l2, classWeights }) : judged,
    l2,
    crossValidation: tried?.map(({ l2: strength, logLoss }) => ({ l2: strength, logLoss })) ?? null,
    temperature,
    ...split,
    probabilities,
    evaluation: judge(probabilities),
    tempered:
      temperature === null ? null : judge(softmax(logits, classes, temperature.temperature)),
  };
}

/** A fold must be able to leave each class something to learn and hold something of it out. */
function* compareStrengths(
  training: Samples,
  { l2, seed, classWeights }: FitSettings,
): Generator<void, readonly CrossValidated[] | null> {
  if (Math.min(...countLabels(training.labels, training.classes)) < 2) return null;
  const grid = l2 === null ? {} : { grid: [l2] };
  return yield* crossValidate({ ...training, classWeights, seed, ...grid });
}
