import { PickleError } from "./pickle-error.ts";

/** Longest string or byte string inside a pickle; parameter names are below 200 bytes. */
export const MAX_PICKLE_STRING_BYTES = 1 << 20;

/** Bounds-checked cursor over a pickle's bytes, little-endian unless said. */
export class PickleReader {
  readonly #view: DataView;
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get position(): number {
    return this.#position;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  uint64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PickleError("a length is out of range");
    return Number(value);
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Two's complement integer of `length` bytes; a number where it is exact, else a bigint. */
  long(length: number): number | bigint {
    if (length > 1024) throw new PickleError(`an integer of ${length} bytes is too long`);
    let value = 0n;
    const bytes = this.bytes(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    if (length > 0) value = BigInt.asIntN(length * 8, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  bytes(length: number): Buffer {
    if (length > MAX_PICKLE_STRING_BYTES) {
      throw new PickleError(`a string of ${length} bytes is above ${MAX_PICKLE_STRING_BYTES}`);
    }
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return this.bytes(length).toString("utf8");
  }

  /** Bytes up to a newline, which is taken and left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end === -1) throw new PickleError("the pickle ends inside a name");
    const text = this.text(end - this.#position);
    this.#advance(1);
    return text;
  }

  #advance(length: number): number {
    const at = this.#position;
    if (at + length > this.#bytes.length) {
      throw new PickleError(`the pickle ends at byte ${this.#bytes.length}, inside an operation`);
    }
    this.#position = at + length;
    return at;
  }
}
