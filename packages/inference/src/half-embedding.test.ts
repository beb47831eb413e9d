import { embeddingSchema, sha256Schema } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toEmbedding } from "./half-embedding.ts";

const digest = sha256Schema.parse("a".repeat(64));
const member = { model: "m", digest, weight: 1, temperature: 1, set: 0 };

/** As anybody reads it: little-endian float16. */
function read(f16: string): number[] {
  const bytes = Buffer.from(f16, "base64");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 2 }, (_, i) => view.getFloat16(2 * i, true));
}

test("numbers come back with an error of a thousandth at most", () => {
  const normal = fc.float({ min: Math.fround(2 ** -14), max: 65_000, noNaN: true });
  const numbers = fc.array(fc.oneof(normal, fc.constant(0)), { minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(numbers, (values) => {
      const embedding = embeddingSchema.parse(toEmbedding(member, Float32Array.from(values)));
      expect(embedding.dimensions).toBe(values.length);
      for (const [i, value] of read(embedding.f16).entries()) {
        expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(1e-3 * values[i]!);
      }
    }),
  );
});

test.each([Number.NaN, Infinity, -Infinity, 70_000, -70_000])(
  "%d is not told as if it were a number",
  (number) => {
    expect(toEmbedding(member, [1, number, 2])).toBeNull();
  },
);

test("an embedding without numbers is none", () => {
  expect(toEmbedding(member, [])).toBeNull();
});

test("the longest embedding fits into an outcome, a longer one does not", () => {
  const of = (length: number) => toEmbedding(member, new Float32Array(length).fill(-1.5));
  expect(embeddingSchema.safeParse(of(4096)).success).toBe(true);
  expect(embeddingSchema.safeParse(of(4097)).success).toBe(false);
});
