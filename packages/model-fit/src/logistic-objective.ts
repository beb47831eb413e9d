import type { Objective } from "./minimise.ts";
import type { Samples } from "./samples.ts";
import { softmaxRow } from "./softmax.ts";
import { addScaledAt, dotAt } from "./vector.ts";

export interface LogisticProblem {
  readonly samples: Samples;
  /** Of one sample of each class. */
  readonly classWeights: Float64Array;
  readonly l2: number;
}

/**
 * The mean negative log-likelihood of a multinomial logistic regression plus l2/2·‖weights‖²; the biases are free. It
 * is a mean, weighted by class, so that one l2 means the same for any number of samples. (scikit-learn's
 * C is 1 / (l2 · Σ sample weights).)
 *
 * The parameters are the weights `[classes, dimension]` followed by the biases `[classes]`.
 */
export function logisticObjective({ samples, classWeights, l2 }: LogisticProblem): Objective {
  const { features, dimension, labels, classes } = samples;
  const biasStart = classes * dimension;
  const row = new Float64Array(classes);
  let totalWeight = 0;
  for (const label of labels) totalWeight += classWeights[label] ?? 0;
  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let i = 0; i < labels.length; i++) {
      const at = i * dimension;
      const label = labels[i] ?? 0;
      const share = (classWeights[label] ?? 0) / totalWeight;
      for (let c = 0; c < classes; c++) {
        row[c] =
          (parameters[biasStart + c] ?? 0) +
          dotAt(parameters, c * dimension, features, at, dimension);
      }
      const own = row[label] ?? 0;
      loss += share * (softmaxRow(row, 0, classes) - own);
      for (let c = 0; c < classes; c++) {
        const error = share * ((row[c] ?? 0) - (c === label ? 1 : 0));
        gradient[biasStart + c] = (gradient[biasStart + c] ?? 0) + error;
        addScaledAt(gradient, c * dimension, error, features, at, dimension);
      }
    }
    addScaledAt(gradient, 0, l2, parameters, 0, biasStart);
    return loss + (l2 / 2) * dotAt(parameters, 0, parameters, 0, biasStart);
  };
}
