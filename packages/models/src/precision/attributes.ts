import { floatField, readFields, textField, varintField } from "../onnx/wire.ts";

/** An AttributeProto of one whole number (type 2). */
export function encodeInteger(name: string, value: number): Uint8Array {
  return Buffer.concat([textField(1, name), varintField(3, value), varintField(20, 2)]);
}

/** An AttributeProto of one float (type 1). */
export function encodeFloat(name: string, value: number): Uint8Array {
  return Buffer.concat([textField(1, name), floatField(2, value), varintField(20, 1)]);
}

/** A float of a node's attributes (AttributeProto: name 1, f 2), or null when the node does not have it. */
export function readFloat(attributes: readonly Uint8Array[], wanted: string): number | null {
  for (const attribute of attributes) {
    const fields = readFields(Buffer.from(attribute));
    const name = fields.find(({ number }) => number === 1)?.bytes.toString("utf8");
    const value = fields.find(({ number }) => number === 2)?.bytes;
    if (name === wanted && value !== undefined) return value.readFloatLE();
  }
  return null;
}
