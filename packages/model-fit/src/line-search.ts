/** An objective along a line: its value and its slope at `step`. */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  readonly slope: number;
}

export interface Line {
  /** The point at step 0; its slope is negative. */
  readonly origin: LinePoint;
  readonly firstStep: number;
  readonly probe: (step: number) => LinePoint;
}

/** Sufficient decrease and curvature, the values that Nocedal & Wright give for quasi-Newton directions (§3.1). */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_EXPANSIONS = 30;
const MAX_ZOOMS = 40;

/**
 * A step that satisfies the strong Wolfe conditions: algorithms 3.5 and 3.6 of Nocedal & Wright, Numerical Optimization
 * (2nd edition, 2006), with the cubic interpolation of its equation 3.59.
 *
 * @returns the accepted point, which is the last one that was probed; null when rounding leaves nothing to gain
 */
export function searchLine(line: Line): LinePoint | null {
  const { origin, firstStep, probe } = line;
  let previous = origin;
  let step = firstStep;
  for (let i = 0; i < MAX_EXPANSIONS; i++) {
    const trial = probe(step);
    if (isBelowRounding(origin, trial)) return trial;
    if (!isLowEnough(origin, trial) || (i > 0 && trial.value >= previous.value)) {
      return zoom(line, previous, trial);
    }
    if (isFlatEnough(origin, trial)) return trial;
    if (trial.slope >= 0) return zoom(line, trial, previous);
    previous = trial;
    step *= 2;
  }
  return previous.step > 0 ? probe(previous.step) : null;
}

/** `low` is the best point known that decreases enough; between it and `high` lies an acceptable step. */
function zoom({ origin, probe }: Line, first: LinePoint, second: LinePoint): LinePoint | null {
  let low = first;
  let high = second;
  for (let i = 0; i < MAX_ZOOMS; i++) {
    const trial = probe(interpolate(low, high));
    if (isBelowRounding(origin, trial)) return trial;
    if (!isLowEnough(origin, trial) || trial.value >= low.value) {
      high = trial;
    } else {
      if (isFlatEnough(origin, trial)) return trial;
      if (trial.slope * (high.step - low.step) >= 0) high = low;
      low = trial;
    }
    if (Math.abs(high.step - low.step) <= Number.EPSILON * Math.max(high.step, low.step)) break;
  }
  return low.step > 0 ? probe(low.step) : null;
}

/** A value that is not finite is a step too far. */
function isLowEnough(origin: LinePoint, { step, value }: LinePoint): boolean {
  return value <= origin.value + DECREASE * step * origin.slope;
}

function isFlatEnough(origin: LinePoint, { slope }: LinePoint): boolean {
  return Math.abs(slope) <= -CURVATURE * origin.slope;
}

/**
 * Close to a minimum values differ by less than their rounding while slopes still tell the way; then the conditions are
 * taken on the slopes alone: the "approximate Wolfe conditions" of Hager & Zhang, SIAM J. Optim. 16 (2005), eq. 4.1.
 */
function isBelowRounding(origin: LinePoint, { value, slope }: LinePoint): boolean {
  const rounding = 4 * Number.EPSILON * Math.abs(origin.value);
  return (
    Math.abs(value - origin.value) <= rounding &&
    slope <= (2 * DECREASE - 1) * origin.slope &&
    slope >= CURVATURE * origin.slope
  );
}

/** Minimum of the cubic through both points and slopes, kept off the ends; the middle where there is none. */
function interpolate(low: LinePoint, high: LinePoint): number {
  const middle = (low.step + high.step) / 2;
  const width = high.step - low.step;
  const bend = low.slope + high.slope - (3 * (low.value - high.value)) / (low.step - high.step);
  const root = Math.sign(width) * Math.sqrt(bend * bend - low.slope * high.slope);
  const step =
    high.step - (width * (high.slope + root - bend)) / (high.slope - low.slope + 2 * root);
  const margin = 0.1 * Math.abs(width);
  const isInside =
    step >= Math.min(low.step, high.step) + margin &&
    step <= Math.max(low.step, high.step) - margin;
  return isInside ? step : middle;
}
