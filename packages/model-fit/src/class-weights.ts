import { countLabels } from "./samples.ts";

/**
 * `balanced`: every class counts as much as every other, whatever the number of its samples: n / (classes · n_class), as
 * scikit-learn weighs them. `none`: every sample counts the same, so a rare class is guessed rarely.
 */
export type ClassWeights = "balanced" | "none";

/** Weight of one sample of each class; 0 for a class without samples. */
export function weighClasses(
  labels: Int32Array,
  classes: number,
  classWeights: ClassWeights,
): Float64Array {
  const weights = new Float64Array(classes).fill(1);
  if (classWeights === "none") return weights;
  for (const [id, count] of countLabels(labels, classes).entries()) {
    weights[id] = count === 0 ? 0 : labels.length / (classes * count);
  }
  return weights;
}
