import { percent } from "../precision/judge-variant.ts";
import type { PrecisionChoice } from "./settle-precisions.ts";

/** For people: `resnet50: int8 (1.83x float32 here, 99.6 % agreement)`. */
export function describeChoice(choice: PrecisionChoice): string {
  const { model, precision, speedups, top1Agreement, minSpeedup, refused } = choice;
  const taken = speedups.find(({ variant }) => variant === precision);
  const reasons = [
    ...(taken === undefined || top1Agreement === null
      ? []
      : [`${times(taken.speedup)} float32 here, ${percent(top1Agreement)} agreement`]),
    ...speedups
      .filter(({ variant }) => variant !== precision)
      .map(
        ({ variant, speedup }) =>
          `${variant} runs ${times(speedup)} float32 here${taken === undefined ? `, expected ${times(minSpeedup)} or more` : ""}`,
      ),
    ...refused.map(({ variant, detail }) => `${variant} is not taken: ${detail}`),
  ];
  return `${model}: ${precision} (${reasons.join("; ")})`;
}

/** Rounded down: 1.049 must not read as the 1.05 that was asked for. */
function times(speedup: number): string {
  return `${(Math.floor(100 * speedup + 1e-9) / 100).toFixed(2)}x`;
}
