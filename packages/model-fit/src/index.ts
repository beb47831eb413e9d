export type { ClassWeights } from "./class-weights.ts";
export {
  chooseL2,
  crossValidate,
  L2_GRID,
  type CrossValidated,
  type CrossValidationOptions,
} from "./cross-validate.ts";
export { evaluate, type ClassReport, type Evaluation, type Predictions } from "./evaluate.ts";
export { fitAndJudge, type FitSettings, type Judged } from "./fit-and-judge.ts";
export { FitError } from "./fit-error.ts";
export {
  fitLogisticRegression,
  type LogisticFit,
  type LogisticOptions,
} from "./fit-logistic-regression.ts";
export { fitTemperature, type Temperature, type TemperatureOptions } from "./fit-temperature.ts";
export { fitWeights, type WeightsOptions } from "./fit-weights.ts";
export { applyHead, coolHead, type LinearHead } from "./linear-head.ts";
export { minimise, type Minimum, type MinimiseOptions, type Objective } from "./minimise.ts";
export { runToEnd } from "./run-to-end.ts";
export { takeRows, type Samples } from "./samples.ts";
export { softmax } from "./softmax.ts";
export { splitHeldOut, type Split, type SplitOptions } from "./split-held-out.ts";
export { wilsonInterval } from "./wilson-interval.ts";
