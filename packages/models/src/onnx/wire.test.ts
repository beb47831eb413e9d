import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesField,
  floatField,
  MAX_FIELDS,
  readFields,
  readPackedVarints,
  textField,
  varintField,
  WireError,
} from "./wire.ts";

/** Field numbers that protobuf allows. */
const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const field = fc.oneof(
  fc.record({
    number,
    kind: fc.constant("varint"),
    value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  }),
  fc.record({ number, kind: fc.constant("float"), value: fc.float({ noNaN: true }) }),
  fc.record({ number, kind: fc.constant("text"), value: fc.string() }),
);

describe("a message", () => {
  test("is read as it was written, and joined again gives the same bytes", () => {
    fc.assert(
      fc.property(fc.array(field), (written) => {
        const message = Buffer.concat(
          written.map(({ number: at, value }) => {
            if (typeof value === "bigint") return varintField(at, value);
            return typeof value === "number" ? floatField(at, value) : textField(at, value);
          }),
        );
        const read = readFields(message);
        expect(Buffer.concat(read.map(({ raw }) => raw)).equals(message)).toBe(true);
        const values = read.map(({ number: at, wireType, varint, bytes }) => ({
          number: at,
          value:
            wireType === 0
              ? BigInt.asIntN(64, varint)
              : wireType === 5
                ? bytes.readFloatLE()
                : bytes.toString("utf8"),
        }));
        expect(values).toEqual(written.map(({ number: at, value }) => ({ number: at, value })));
      }),
    );
  });

  test("of any bytes is read or refused, and what was read is the whole of it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const message = Buffer.from(bytes);
        const outcome = attempt(() => Buffer.concat(readFields(message).map(({ raw }) => raw)));
        expect(outcome instanceof WireError || message.equals(outcome)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each<[string, string, RegExp]>([
    ["a length beyond its end", "0aff01", /longer than its message/u],
    ["a length of 2^64 - 1", "0affffffffffffffffff01", /longer than its message/u],
    ["a number without end", "08ffffffffffffffffffff", /longer than 64 bits/u],
    ["a number cut off", "0880", /ends inside a number/u],
    ["field number 0", "0001", /field number 0/u],
    ["a group", "0b", /wire type 3/u],
  ])("with %s is refused", (_, hex, reason) => {
    expect(() => readFields(Buffer.from(hex, "hex"))).toThrow(reason);
  });

  test("of parts holds them in order behind one length", () => {
    const whole = Buffer.concat(bytesField(5, [Buffer.from("ab"), Buffer.from("c")]));
    expect(whole.toString("hex")).toBe("2a03616263");
  });
});

/** What was read, or the refusal; anything else is thrown on. */
function attempt(read: () => Buffer): Buffer | WireError {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

test("a message of more fields than any model has is refused before it fills the memory", () => {
  const most = Buffer.alloc(2 * MAX_FIELDS + 2, Buffer.from([0x08, 0x00]));
  expect(() => readFields(most)).toThrow(/more than 1000000 fields/u);
});

test("packed numbers are read in order, and refused when they end inside one or are too many", () => {
  expect(readPackedVarints(Buffer.from([1, 0x80, 1, 127]))).toEqual([1n, 128n, 127n]);
  expect(() => readPackedVarints(Buffer.from([0x80]))).toThrow(WireError);
  expect(() => readPackedVarints(Buffer.alloc(MAX_FIELDS + 1))).toThrow(WireError);
});
