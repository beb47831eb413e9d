import { describe, expect, test } from "vitest";
import { FitError } from "./fit-error.ts";
import { minimise, type Objective } from "./minimise.ts";

/** Σ cᵢ/2·(xᵢ − i)² with cᵢ from 1 to `condition`, spread evenly in their logarithms. */
function quadratic(size: number, condition: number): Objective {
  return (x, gradient) => {
    let value = 0;
    for (const [i, at] of x.entries()) {
      const curvature = condition ** (i / (size - 1));
      gradient[i] = curvature * (at - i);
      value += (curvature / 2) * (at - i) ** 2;
    }
    return value;
  };
}

/** Σ 100·(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², a narrow bent valley whose lowest point is 0 at all ones. */
const rosenbrock: Objective = (x, gradient) => {
  let value = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [x[i]!, x[i + 1]!];
    value += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[i]! += -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[i + 1]! += 200 * (b - a * a);
  }
  return value;
};

describe("minimise", () => {
  test("finds the minimum of a quadratic with condition 1e6", () => {
    const size = 20;
    const found = minimise(quadratic(size, 1e6), new Float64Array(size), {
      gradientTolerance: 1e-8,
      maxIterations: 10_000, // scipy's L-BFGS-B with ten pairs takes 4,732
    });
    expect(found).toMatchObject({ converged: true, reason: "gradient" });
    expect(found.gradientNorm).toBeLessThanOrEqual(1e-8);
    for (const [i, at] of found.x.entries()) expect(at).toBeCloseTo(i, 7);
    expect(found.value).toBeLessThan(1e-15);
  });

  test.each([
    ["2", [-1.2, 1]],
    ["10", [-1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1, -1.2, 1]],
  ])("follows Rosenbrock's valley in %s dimensions", (_, start) => {
    const found = minimise(rosenbrock, Float64Array.from(start), { gradientTolerance: 1e-9 });
    expect(found.converged).toBe(true);
    expect(found.iterations).toBeLessThan(120);
    expect(found.value).toBeLessThan(1e-16);
    for (const at of found.x) expect(at).toBeCloseTo(1, 8);
  });

  test("reaches the minimum of a sum of exponentials, from far away", () => {
    // f(x) = eˣ + e⁻²ˣ, f′ = eˣ − 2e⁻²ˣ = 0 at x = ln(2)/3; f there is 2^(1/3) + 2^(−2/3).
    const found = minimise(
      (x, gradient) => {
        gradient[0] = Math.exp(x[0]!) - 2 * Math.exp(-2 * x[0]!);
        return Math.exp(x[0]!) + Math.exp(-2 * x[0]!);
      },
      Float64Array.of(-20),
      { gradientTolerance: 1e-10 },
    );
    expect(found.x[0]).toBeCloseTo(Math.log(2) / 3, 10);
    expect(found.value).toBeCloseTo(2 ** (1 / 3) + 2 ** (-2 / 3), 14);
  });

  test("steps back from where the function is not finite", () => {
    // x − ln x has its minimum at 1, and nothing at or below 0.
    const found = minimise(
      (x, gradient) => {
        gradient[0] = 1 - 1 / x[0]!;
        return x[0]! - Math.log(x[0]!);
      },
      Float64Array.of(1e-3),
      { gradientTolerance: 1e-8 },
    );
    expect(found.converged).toBe(true);
    expect(found.x[0]).toBeCloseTo(1, 6);
  });

  test("says so when its iterations are used up, and how far it came", () => {
    const start = Float64Array.of(-1.2, 1);
    const found = minimise(rosenbrock, start, { maxIterations: 3 });
    expect(found).toMatchObject({ converged: false, reason: "iterations", iterations: 3 });
    expect(found.value).toBeLessThan(rosenbrock(start, new Float64Array(2)));
  });

  test("ends for precision where a tolerance asks for more than the numbers hold", () => {
    const found = minimise(rosenbrock, Float64Array.of(-1.2, 1, 3), { gradientTolerance: 0 });
    expect(["precision", "gradient"]).toContain(found.reason);
    expect(found.value).toBeLessThan(1e-20);
  });

  test("leaves the start as it was", () => {
    const start = Float64Array.of(-1.2, 1);
    minimise(rosenbrock, start);
    expect([...start]).toEqual([-1.2, 1]);
  });

  test("refuses a function that is not finite at its start", () => {
    expect(() => minimise(() => Number.NaN, new Float64Array(1))).toThrow(FitError);
  });
});
