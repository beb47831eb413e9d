import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Parses a count from 1 to `most`. Throws commander's InvalidArgumentError. */
export function parseCount(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${most}`);
  };
}

/** Parses a share above 0 and below 1. Throws commander's InvalidArgumentError. */
export function parseShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError("expected a share between 0 and 1, for example 0.2");
}

/** Parses a whole number of 32 bits, such as a seed. Throws commander's InvalidArgumentError. */
export function parseWholeNumber(text: string): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && Math.abs(seed) < 2 ** 31) return seed;
  throw new InvalidArgumentError("expected a whole number");
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A moment in the past: an age (`90s`, `15m`, `2h`, `7d`) or an ISO 8601 time. Gives Unix milliseconds.
 * Throws commander's InvalidArgumentError.
 */
export function parseSince(text: string, nowMs: number): number {
  const age = /^(\d{1,9})([smhd])$/u.exec(text);
  if (age !== null) return nowMs - Number(age[1]) * unitMs(age[2]);
  const time = /^\d{4}-\d\d-\d\d/u.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new InvalidArgumentError(
    "expected an age such as 15m, 2h or 7d, or a time such as 2026-11-23T08:00Z",
  );
}

function unitMs(unit: string | undefined): number {
  return unit === "s" || unit === "m" || unit === "h" || unit === "d" ? UNIT_MS[unit] : 0;
}
