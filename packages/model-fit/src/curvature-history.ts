import { addScaled, dot, scale } from "./vector.ts";

/**
 * The last steps and changes of the gradient, from which L-BFGS derives its direction. A ring of arrays that are allocated
 * once each.
 */
export class CurvatureHistory {
  readonly #capacity: number;
  /** Steps x₊ − x; as long as the history has become, at most the capacity. */
  readonly #steps: Float64Array[] = [];
  /** Changes g₊ − g of the gradient for the same steps. */
  readonly #changes: Float64Array[] = [];
  /** 1 / (step · change) for the same steps, each positive. */
  readonly #inverses: number[] = [];
  readonly #factors: Float64Array;
  #count = 0;
  /** Index in the ring where the next pair goes. */
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#factors = new Float64Array(capacity);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  clear(): void {
    this.#count = 0;
    this.#next = 0;
  }

  /** Notes the way from one point to the next. Without positive curvature, as rounding may leave it, nothing is noted. */
  add(from: PointWithGradient, to: PointWithGradient): void {
    const inverse = 1 / curvatureBetween(from, to);
    if (!(inverse > 0 && Number.isFinite(inverse))) return;
    const step = (this.#steps[this.#next] ??= new Float64Array(from.x.length));
    const change = (this.#changes[this.#next] ??= new Float64Array(from.x.length));
    subtract(to.x, from.x, step);
    subtract(to.gradient, from.gradient, change);
    this.#inverses[this.#next] = inverse;
    this.#next = (this.#next + 1) % this.#capacity;
    this.#count = Math.min(this.#count + 1, this.#capacity);
  }

  /**
   * direction = −H·gradient: the two-loop recursion, algorithm 7.4 of Nocedal & Wright (2006), with the initial scaling of
   * its equation 7.20.
   */
  writeDirection(gradient: Float64Array, direction: Float64Array): void {
    direction.set(gradient);
    for (let age = 1; age <= this.#count; age++) {
      const { step, change, inverse, index } = this.#pair(age);
      const factor = inverse * dot(step, direction);
      this.#factors[index] = factor;
      addScaled(direction, -factor, change);
    }
    if (this.#count > 0) {
      const { change, inverse } = this.#pair(1);
      scale(direction, 1 / (inverse * dot(change, change)));
    }
    for (let age = this.#count; age >= 1; age--) {
      const { step, change, inverse, index } = this.#pair(age);
      const correction = inverse * dot(change, direction);
      addScaled(direction, (this.#factors[index] ?? 0) - correction, step);
    }
    scale(direction, -1);
  }

  /** @param age 1 is the newest pair */
  #pair(age: number): { step: Float64Array; change: Float64Array; inverse: number; index: number } {
    const index = (this.#next - age + this.#capacity) % this.#capacity;
    const step = this.#steps[index];
    const change = this.#changes[index];
    const inverse = this.#inverses[index];
    if (step === undefined || change === undefined || inverse === undefined) {
      throw new Error(`the history holds no pair of age ${age}`);
    }
    return { step, change, inverse, index };
  }
}

export interface PointWithGradient {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
}

/** (x₊ − x) · (g₊ − g), before anything is overwritten. */
function curvatureBetween(from: PointWithGradient, to: PointWithGradient): number {
  let sum = 0;
  for (let i = 0; i < from.x.length; i++) {
    const step = (to.x[i] ?? 0) - (from.x[i] ?? 0);
    sum += step * ((to.gradient[i] ?? 0) - (from.gradient[i] ?? 0));
  }
  return sum;
}

function subtract(a: Float64Array, b: Float64Array, result: Float64Array): void {
  for (let i = 0; i < result.length; i++) result[i] = (a[i] ?? 0) - (b[i] ?? 0);
}
