import { weighClasses, type ClassWeights } from "./class-weights.ts";
import { FitError } from "./fit-error.ts";
import type { LinearHead } from "./linear-head.ts";
import { logisticObjective } from "./logistic-objective.ts";
import { minimise, type Minimum } from "./minimise.ts";
import { checkSamples, countLabels, type Samples } from "./samples.ts";
import { foldStandardisation, standardiseInPlace } from "./standardise.ts";

export interface LogisticOptions extends Samples {
  /**
   * Strength of the regularisation, on weights of standardised features, per mean loss; above 0. 1e-4 follows every
   * sample, 10 hardly follows any.
   */
  readonly l2: number;
  readonly classWeights: ClassWeights;
  /** Largest component of the gradient. Default 1e-6: logits within about 1e-5. */
  readonly gradientTolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
}

export interface LogisticFit extends LinearHead {
  readonly search: Omit<Minimum, "x">;
}

/**
 * Multinomial logistic regression with L2 on the weights, not on the biases. Features are standardised inside, and the
 * head that is returned takes them as they came.
 *
 * @throws FitError when a class has no samples, l2 is not above 0, or a number is not finite
 */
export function fitLogisticRegression(options: LogisticOptions): LogisticFit {
  checkSamples(options);
  checkClasses(options);
  const { classes, dimension } = options;
  const features = options.features.slice();
  const by = standardiseInPlace(features, dimension);
  const { x, ...search } = fitStandardised({ ...options, features });
  const weights = x.slice(0, classes * dimension);
  const head = { classes, dimension, weights, bias: x.slice(classes * dimension) };
  return { ...foldStandardisation(head, by), search };
}

/** The same for features that are standardised already, from parameters that may be near the answer. */
export function fitStandardised(
  { l2, classWeights, gradientTolerance = 1e-6, maxIterations = 1000, ...samples }: LogisticOptions,
  start = new Float64Array(samples.classes * (samples.dimension + 1)),
): Minimum {
  if (!(l2 > 0) || !Number.isFinite(l2)) {
    throw new FitError(`l2 is ${l2}, expected a number above 0, for example 0.01`);
  }
  const weights = weighClasses(samples.labels, samples.classes, classWeights);
  const objective = logisticObjective({ samples, classWeights: weights, l2 });
  return minimise(objective, start, { gradientTolerance, maxIterations });
}

function checkClasses({ labels, classes }: Samples): void {
  const empty = countLabels(labels, classes).indexOf(0);
  if (empty >= 0) {
    throw new FitError(`class ${empty} has no samples; every class needs at least one`);
  }
}
