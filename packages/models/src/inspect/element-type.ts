/** TensorProto.DataType of onnx.proto3: names as numpy spells them, bits of one element (0: not of a fixed size). */
const ELEMENT_TYPES: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map([
  [1, ["float32", 32]],
  [2, ["uint8", 8]],
  [3, ["int8", 8]],
  [4, ["uint16", 16]],
  [5, ["int16", 16]],
  [6, ["int32", 32]],
  [7, ["int64", 64]],
  [8, ["string", 0]],
  [9, ["bool", 8]],
  [10, ["float16", 16]],
  [11, ["float64", 64]],
  [12, ["uint32", 32]],
  [13, ["uint64", 64]],
  [14, ["complex64", 64]],
  [15, ["complex128", 128]],
  [16, ["bfloat16", 16]],
  [17, ["float8e4m3fn", 8]],
  [18, ["float8e4m3fnuz", 8]],
  [19, ["float8e5m2", 8]],
  [20, ["float8e5m2fnuz", 8]],
  [21, ["uint4", 4]],
  [22, ["int4", 4]],
  [23, ["float4e2m1", 4]],
]);

/** `float32`, `int64`, …; `unknown` where a port declares no type. */
export function elementTypeName(type: number): string {
  if (type === 0) return "unknown";
  return ELEMENT_TYPES.get(type)?.[0] ?? `type ${type}`;
}

/** Bytes that a tensor takes; packed to whole bytes. */
export function bytesOf(type: number, elements: number): number {
  return Math.ceil((elements * (ELEMENT_TYPES.get(type)?.[1] ?? 0)) / 8);
}
