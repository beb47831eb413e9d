import type { Embedding } from "@sluice/contracts";
import type { Member } from "./ensemble.ts";

/**
 * An embedding as an outcome carries it: little-endian float16 in base64, as the model gives it (not normalised).
 *
 * @returns null when there is no number, or one is not finite in float16 (above 65504, or NaN): it would poison every
 * comparison
 */
export function toEmbedding(
  { model, digest }: Member,
  numbers: ArrayLike<number>,
): Embedding | null {
  if (numbers.length === 0) return null;
  const bytes = Buffer.alloc(2 * numbers.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < numbers.length; i++) {
    view.setFloat16(2 * i, numbers[i] ?? Number.NaN, true);
    if (!Number.isFinite(view.getFloat16(2 * i, true))) return null;
  }
  return { model, digest, dimensions: numbers.length, f16: bytes.toString("base64") };
}
