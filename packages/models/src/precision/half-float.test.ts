import { expect, test } from "vitest";
import { toHalf } from "./half-float.ts";

/** Value of float16 bits that are finite, by the definition of IEEE 754. */
function valueOf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const magnitude =
    exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
  return bits < 0x8000 ? magnitude : -magnitude;
}

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test("every finite float16 of both signs comes back as it is", () => {
  const all = [...FINITE, ...FINITE.map((bits) => bits | 0x8000)];
  expect([...toHalf(Float32Array.from(all, valueOf))]).toEqual(all);
});

test("what lies in the middle of two goes to the even one, and what is nearer to the nearer one", () => {
  const middles = FINITE.slice(1).map((bits) => (valueOf(bits - 1) + valueOf(bits)) / 2);
  const even = FINITE.slice(1).map((bits) => (bits % 2 === 0 ? bits : bits - 1));
  expect([...toHalf(Float32Array.from(middles))]).toEqual(even);
  const above = Float32Array.from(middles, (middle) => middle * (1 + 2 ** -20));
  expect([...toHalf(above)]).toEqual(FINITE.slice(1));
});

test("too large becomes infinite from the middle on, NaN stays NaN", () => {
  const [largest, beyond, infinite, nan] = toHalf(
    Float32Array.of(65_519, 65_520, Number.NEGATIVE_INFINITY, Number.NaN),
  );
  expect([largest, beyond, infinite]).toEqual([0x7bff, 0x7c00, 0xfc00]);
  expect(nan! & 0x7c00).toBe(0x7c00);
  expect(nan! & 0x3ff).not.toBe(0);
});
