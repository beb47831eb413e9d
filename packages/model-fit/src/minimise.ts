import { CurvatureHistory } from "./curvature-history.ts";
import { FitError } from "./fit-error.ts";
import { searchLine } from "./line-search.ts";
import { addScaled, dot, largestMagnitude } from "./vector.ts";

/** A smooth function: returns its value at `x` and writes its gradient there. Must not keep either array. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Done when no component of the gradient is larger. Default 1e-6; below about 1e-10 rounding decides. */
  readonly gradientTolerance?: number;
  /** Default 1000. */
  readonly maxIterations?: number;
  /** Steps that are remembered; more need fewer iterations and more memory. Default 10. */
  readonly history?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** The largest component of the gradient. */
  readonly gradientNorm: number;
  readonly iterations: number;
  /** The gradient is within the tolerance. */
  readonly converged: boolean;
  /** `precision`: rounding leaves no step that lowers the value, so this is as good as it gets. */
  readonly reason: "gradient" | "iterations" | "precision";
}

/**
 * L-BFGS: algorithm 7.5 of Nocedal & Wright, Numerical Optimization (2nd edition, 2006), with a strong Wolfe line search.
 *
 * @throws FitError when the value or the gradient is not finite at the start
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { gradientTolerance = 1e-6, maxIterations = 1000, history: capacity = 10 }: MinimiseOptions = {},
): Minimum {
  const history = new CurvatureHistory(capacity);
  const direction = new Float64Array(start.length);
  let current = pointAt(objective, start);
  let next: Point = { ...current, x: start.slice(), gradient: new Float64Array(start.length) };
  for (let iterations = 0; ;) {
    const { x, value, gradient } = current;
    const gradientNorm = largestMagnitude(gradient);
    const state = { x, value, gradientNorm, iterations };
    if (gradientNorm <= gradientTolerance) return { ...state, converged: true, reason: "gradient" };
    if (iterations >= maxIterations) return { ...state, converged: false, reason: "iterations" };
    const isScaled = !history.isEmpty;
    history.writeDirection(gradient, direction);
    const accepted = moveAlong(objective, { current, next, direction, isScaled });
    if (accepted) {
      history.add(current, next);
      [current, next] = [next, current];
      iterations++;
    } else if (isScaled) {
      history.clear(); // What was remembered misleads: once more along the steepest descent.
    } else {
      return { ...state, converged: false, reason: "precision" };
    }
  }
}

interface Point {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  value: number;
}

function pointAt(objective: Objective, start: Float64Array): Point {
  const gradient = new Float64Array(start.length);
  const point: Point = { x: start.slice(), gradient, value: objective(start, gradient) };
  if (Number.isFinite(point.value) && !Number.isNaN(largestMagnitude(gradient))) return point;
  throw new FitError(
    `the function to minimise is ${point.value} at its start, expected finite numbers; look for NaN or infinity in the data`,
  );
}

interface Move {
  readonly current: Point;
  /** Is overwritten with the point that was reached. */
  readonly next: Point;
  readonly direction: Float64Array;
  /** The direction has a length that means something; the plain gradient has not. */
  readonly isScaled: boolean;
}

/** @returns false when no step along the direction is acceptable */
function moveAlong(objective: Objective, { current, next, direction, isScaled }: Move): boolean {
  const slope = dot(direction, current.gradient);
  if (!(slope < 0)) return false;
  const found = searchLine({
    origin: { step: 0, value: current.value, slope },
    firstStep: isScaled ? 1 : Math.min(1, 1 / Math.sqrt(-slope)),
    probe(step) {
      next.x.set(current.x);
      addScaled(next.x, step, direction);
      next.value = objective(next.x, next.gradient);
      const isFinite = Number.isFinite(next.value);
      return {
        step,
        value: isFinite ? next.value : Number.POSITIVE_INFINITY,
        slope: isFinite ? dot(direction, next.gradient) : Number.NaN,
      };
    },
  });
  return found !== null && Number.isFinite(found.value);
}
