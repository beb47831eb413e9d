import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { WeightBits } from "@sluice/models";

/** Throws commander's InvalidArgumentError. */
export function parseWeightBits(text: string): WeightBits {
  if (text === "7") return 7;
  if (text === "8") return 8;
  throw new InvalidArgumentError("expected 7 or 8");
}

/** Throws commander's InvalidArgumentError. */
export function parseProbability(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= 1) return value;
  throw new InvalidArgumentError("expected a number above 0, at most 1");
}
