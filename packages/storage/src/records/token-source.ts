import { randomBytes } from "node:crypto";
import type { TokenSource } from "@sluice/moderation";

/** Tokens of twelve hexadecimal digits of the time in milliseconds and twelve random ones. */
export function createTokenSource(now: () => number): TokenSource {
  return () => now().toString(16).padStart(12, "0").slice(-12) + randomBytes(6).toString("hex");
}
