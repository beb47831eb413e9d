import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClassWeights } from "../class-weights.ts";
import type { ClassReport } from "../evaluate.ts";

/** One case of fixtures/scikit-learn.json, made by the script beside it. */
export interface ScikitCase {
  readonly l2: number;
  readonly classWeights: ClassWeights;
  readonly classes: number;
  readonly dimension: number;
  /** `[rows, dimension]` */
  readonly features: readonly number[];
  readonly labels: readonly number[];
  /** `[rows, classes]`, of the fitted model for the rows it was fitted on. */
  readonly probabilities: readonly number[];
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly logLoss: number;
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassReport[];
}

export function readScikitCases(): readonly [name: string, expected: ScikitCase][] {
  const path = join(import.meta.dirname, "..", "fixtures", "scikit-learn.json");
  const cases: Record<string, ScikitCase> = JSON.parse(readFileSync(path, "utf8"));
  return Object.entries(cases);
}
