import type { FusionRule } from "./fusion-rule.ts";

/** One member's probabilities over the labels of its set, and how much they count. */
export interface MemberRow {
  readonly probabilities: ArrayLike<number>;
  /** Above 0. */
  readonly weight: number;
}

/**
 * Fuses the members of one label set for one row.
 *
 * @param rows at least one, all of length `classes`, probabilities from 0 to 1
 * @returns `classes` scores from 0 to 1
 */
export function fuseMembers(
  rule: FusionRule,
  rows: readonly MemberRow[],
  classes: number,
): Float64Array {
  return FUSIONS[rule](rows, classes);
}

type Fusion = (rows: readonly MemberRow[], classes: number) => Float64Array;

const FUSIONS: Readonly<Record<FusionRule, Fusion>> = {
  mean: (rows, classes) =>
    weightedMean(
      rows.map((row) => ({ ...row, weight: 1 })),
      classes,
    ),
  weighted: weightedMean,
  geometric: geometricMean,
  vote,
  max: maximum,
};

function weightedMean(rows: readonly MemberRow[], classes: number): Float64Array {
  const total = sumOfWeights(rows);
  const fused = new Float64Array(classes);
  for (const { probabilities, weight } of rows) {
    for (let label = 0; label < classes; label++) {
      fused[label] = (fused[label] ?? 0) + (weight / total) * (probabilities[label] ?? 0);
    }
  }
  return fused;
}

/** Below what float32 softmax can give: a zero must not make the logarithm infinite. */
const LEAST_PROBABILITY = 1e-12;

function geometricMean(rows: readonly MemberRow[], classes: number): Float64Array {
  const total = sumOfWeights(rows);
  const logs = new Float64Array(classes);
  for (const { probabilities, weight } of rows) {
    for (let label = 0; label < classes; label++) {
      const probability = Math.max(LEAST_PROBABILITY, probabilities[label] ?? 0);
      logs[label] = (logs[label] ?? 0) + (weight / total) * Math.log(probability);
    }
  }
  return normalise(logs.map((log) => Math.exp(log)));
}

function vote(rows: readonly MemberRow[], classes: number): Float64Array {
  const total = sumOfWeights(rows);
  const fused = new Float64Array(classes);
  for (const { probabilities, weight } of rows) {
    const best = indexOfHighest(probabilities, classes);
    fused[best] = (fused[best] ?? 0) + weight / total;
  }
  return fused;
}

function maximum(rows: readonly MemberRow[], classes: number): Float64Array {
  const fused = new Float64Array(classes);
  for (const { probabilities } of rows) {
    for (let label = 0; label < classes; label++) {
      fused[label] = Math.max(fused[label] ?? 0, probabilities[label] ?? 0);
    }
  }
  return fused;
}

function indexOfHighest(values: ArrayLike<number>, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

function sumOfWeights(rows: readonly MemberRow[]): number {
  return rows.reduce((sum, { weight }) => sum + weight, 0);
}

function normalise(values: Float64Array): Float64Array {
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}
