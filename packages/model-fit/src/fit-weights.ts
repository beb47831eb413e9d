import { FitError } from "./fit-error.ts";
import { minimise } from "./minimise.ts";

export interface WeightsOptions {
  /** Per member, the probability that it gave to the right class of each row. */
  readonly rightProbabilities: readonly Float64Array[];
}

/** Pulls the weights together, so that few rows cannot silence a member: in nats for each unit of squared log-weight. */
const PULL = 0.01;
/** Least probability of a right answer: one row must not decide everything. */
const LEAST = 1e-6;

/**
 * Weights of a linear pool of members that minimise its negative log-likelihood. As a softmax of free numbers, so they stay above
 * 0; by L-BFGS.
 *
 * @returns one weight per member, with mean 1
 * @throws FitError when there is no member or no row, or members have different numbers of rows
 */
export function fitWeights({ rightProbabilities }: WeightsOptions): readonly number[] {
  const [first] = rightProbabilities;
  const members = rightProbabilities.length;
  if (first === undefined || first.length === 0) throw new FitError("there is nothing to weigh");
  if (rightProbabilities.some(({ length }) => length !== first.length)) {
    throw new FitError("the members were not run over the same rows");
  }
  const found = minimise(
    (x, gradient) => poolLoss(rightProbabilities, x, gradient),
    new Float64Array(members),
  );
  return Array.from(shares(found.x), (share) => share * members);
}

function poolLoss(
  members: readonly Float64Array[],
  x: Float64Array,
  gradient: Float64Array,
): number {
  const weights = shares(x);
  const rows = members[0]?.length ?? 0;
  const slopes = new Float64Array(members.length);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    let pooled = LEAST;
    for (const [m, right] of members.entries()) pooled += (weights[m] ?? 0) * (right[row] ?? 0);
    loss -= Math.log(pooled) / rows;
    for (const [m, right] of members.entries()) {
      slopes[m] = (slopes[m] ?? 0) - (right[row] ?? 0) / pooled / rows;
    }
  }
  let mean = 0;
  for (const [m, slope] of slopes.entries()) mean += (weights[m] ?? 0) * slope;
  for (const [m, value] of x.entries()) {
    gradient[m] = (weights[m] ?? 0) * ((slopes[m] ?? 0) - mean) + 2 * PULL * value;
    loss += PULL * value * value;
  }
  return loss;
}

function shares(x: Float64Array): Float64Array {
  const largest = x.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const raised = x.map((value) => Math.exp(value - largest));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / sum);
}
