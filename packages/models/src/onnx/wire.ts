/**
 * The protobuf wire format, as much of it as ONNX needs: https://protobuf.dev/programming-guides/encoding/
 *
 * Not a library, because one decodes a model into objects and encodes it anew: that takes several times the size of a
 * 550 MB network and drops fields that its schema does not know. Here a message is a list of raw fields over the
 * original bytes, so that everything that is not touched stays as it was.
 */
export interface Field {
  readonly number: number;
  readonly wireType: 0 | 1 | 2 | 5;
  /** Value of a varint field; 0n for the others. */
  readonly varint: bigint;
  /** Content of a length-delimited, 32-bit or 64-bit field. */
  readonly bytes: Buffer;
  /** The whole field with its tag, for copying it as it is. */
  readonly raw: Buffer;
}

/** Thrown when bytes are not a well-formed message. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/**
 * Most fields of one message: a field is an object here, and a file of nothing but two-byte fields would take a hundred
 * times its size. The largest graphs that classify pictures have some ten thousand nodes.
 */
export const MAX_FIELDS = 1_000_000;

/** Cuts a message into its fields, in order. @throws WireError when it ends inside a field, uses groups or has too many */
export function readFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  while (at < message.length) {
    if (fields.length === MAX_FIELDS) {
      throw new WireError(`a message has more than ${MAX_FIELDS} fields`);
    }
    const field = readField(message, at);
    fields.push(field);
    at += field.raw.length;
  }
  return fields;
}

const NOTHING = Buffer.alloc(0);

function readField(message: Buffer, start: number): Field {
  const head = readVarint(message, start);
  const number = Number(head.value >> 3n);
  if (number === 0) throw new WireError(`field number 0 at byte ${start}`);
  const wireType = Number(head.value & 7n);
  if (wireType === 0) {
    const { value, end } = readVarint(message, head.end);
    return { number, wireType, varint: value, bytes: NOTHING, raw: message.subarray(start, end) };
  }
  if (wireType !== 1 && wireType !== 2 && wireType !== 5) {
    throw new WireError(`wire type ${wireType} at byte ${start} is not known`);
  }
  const { begin, size } = contentOf(message, { wireType, at: head.end });
  const end = begin + size;
  if (end > message.length) {
    throw new WireError(`field ${number} at byte ${start} is longer than its message`);
  }
  const bytes = message.subarray(begin, end);
  return { number, wireType, varint: 0n, bytes, raw: message.subarray(start, end) };
}

/** Where the content of a field begins and how long it says it is. */
function contentOf(
  message: Buffer,
  { wireType, at }: { wireType: 1 | 2 | 5; at: number },
): { begin: number; size: number } {
  if (wireType !== 2) return { begin: at, size: wireType === 1 ? 8 : 4 };
  const length = readVarint(message, at);
  return { begin: length.end, size: Number(length.value) };
}

function readVarint(message: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = message[start + i];
    if (byte === undefined) throw new WireError("the message ends inside a number");
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + i + 1 };
  }
  throw new WireError(`a number at byte ${start} is longer than 64 bits`);
}

/** The numbers of a packed repeated field. @throws WireError when they end too early or are too many */
export function readPackedVarints(bytes: Buffer): bigint[] {
  const values: bigint[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (values.length === MAX_FIELDS) {
      throw new WireError(`a field has more than ${MAX_FIELDS} numbers`);
    }
    const { value, end } = readVarint(bytes, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** Parts of a message; joined once at the end, so that large tensors are copied once. */
export type Parts = readonly Uint8Array[];

/** A signed or unsigned integer field; negative numbers take ten bytes, as int64 does. */
export function varintField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(number, 0), encodeVarint(BigInt.asUintN(64, BigInt(value)))]);
}

export function floatField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(number, 5), bytes]);
}

export function textField(number: number, value: string): Buffer {
  return Buffer.concat(bytesField(number, [Buffer.from(value, "utf8")]));
}

/** A length-delimited field: bytes or a message in parts. */
export function bytesField(number: number, content: Parts): Uint8Array[] {
  const length = content.reduce((sum, part) => sum + part.byteLength, 0);
  return [Buffer.concat([tag(number, 2), encodeVarint(BigInt(length))]), ...content];
}

function tag(number: number, wireType: number): Buffer {
  return encodeVarint((BigInt(number) << 3n) | BigInt(wireType));
}

function encodeVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
