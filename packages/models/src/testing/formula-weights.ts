export { formulaWeights } from "../random/formula-weights.ts";
