import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What ingest and workers share: whoever has it can read every object of the roots that are served. */
export const objectKeySchema = z
  .string()
  .min(32, "expected at least 32 characters, such as `openssl rand -hex 32` prints")
  .max(1024)
  .brand<"ObjectKey">();
export type ObjectKey = z.infer<typeof objectKeySchema>;

/** HMAC-SHA-256 of the parts, in hexadecimal; parts cannot be shifted into one another. */
export function signParts(key: ObjectKey, parts: readonly string[]): string {
  return createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex");
}

/** Takes the same time whatever differs. */
export function isSameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
