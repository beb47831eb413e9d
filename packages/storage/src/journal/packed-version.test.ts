import fc from "fast-check";
import { expect, test } from "vitest";
import { packVersion, unpackVersion } from "./packed-version.ts";

const fileVersion = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.nat(), fc.bigInt(), fc.bigInt())
  .map((parts) => parts.join("-"));

test("a version comes back as it was, whether it is a file's or any other text", () => {
  fc.assert(
    fc.property(fc.oneof(fileVersion, fc.string({ minLength: 1, unit: "binary" })), (version) => {
      expect(unpackVersion(packVersion(version))).toBe(version);
    }),
  );
});

test("two versions are stored alike only when they are the same", () => {
  fc.assert(
    fc.property(fileVersion, fc.oneof(fileVersion, fc.stringMatching(/^[0-9d-]+$/u)), (a, b) => {
      expect(Buffer.from(packVersion(a)).equals(packVersion(b))).toBe(a === b);
    }),
  );
});

test("a file's version takes half of its characters", () => {
  const version = "8412345-204800-1763870000123456789-1763870000123456789";
  expect(packVersion(version).length).toBe(1 + version.length / 2);
});
