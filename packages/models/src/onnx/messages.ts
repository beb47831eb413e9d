import { bytesField, floatField, textField, varintField, type Parts } from "./wire.ts";

/** Field numbers and enumerations of onnx.proto3, IR version 10 (onnx 1.17). */
export const FLOAT = 1;
export const UINT8 = 2;
export const INT64 = 7;
export const FLOAT16 = 10;

/** Operator set that our graphs use; onnxruntime 1.30 and transformers.js run it. */
export const OPSET = 17;
const IR_VERSION = 8;

export type Attribute = number | readonly number[] | string;

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers become ints; `{ float }` marks the others. */
  readonly attributes?: Readonly<Record<string, Attribute | { readonly float: number }>>;
}

/** NodeProto. */
export function encodeNode(node: Node): Parts {
  return [
    ...node.inputs.map((input) => textField(1, input)),
    ...node.outputs.map((output) => textField(2, output)),
    textField(3, node.outputs[0] ?? ""),
    textField(4, node.operator),
    ...Object.entries(node.attributes ?? {}).flatMap(([name, value]) =>
      bytesField(5, encodeAttribute(name, value)),
    ),
  ];
}

/** AttributeProto: type 1 float, 2 int, 3 string, 7 ints. */
function encodeAttribute(name: string, value: Attribute | { readonly float: number }): Parts {
  const head = textField(1, name);
  if (typeof value === "number") return [head, varintField(3, value), varintField(20, 2)];
  if (typeof value === "string") {
    return [head, ...bytesField(4, [Buffer.from(value, "utf8")]), varintField(20, 3)];
  }
  if ("float" in value) return [head, floatField(2, value.float), varintField(20, 1)];
  return [head, ...value.map((item) => varintField(8, item)), varintField(20, 7)];
}

/** TensorProto with raw little-endian data. */
export function encodeTensor(tensor: {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}): Parts {
  return [
    ...tensor.shape.map((size) => varintField(1, size)),
    varintField(2, tensor.type),
    textField(8, tensor.name),
    ...bytesField(9, [tensor.data]),
  ];
}

export function floatTensor(name: string, shape: readonly number[], values: Float32Array): Parts {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return encodeTensor({ name, type: FLOAT, shape, data });
}

/** Shapes, axes and the like, as operators take them. */
export function intTensor(name: string, values: readonly number[]): Parts {
  const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return encodeTensor({ name, type: INT64, shape: [values.length], data });
}

/** ValueInfoProto; a string dimension is a free one. */
export function encodeValueInfo(info: {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly (number | string)[];
}): Parts {
  const dimensions = info.shape.flatMap((size) =>
    bytesField(1, [typeof size === "number" ? varintField(1, size) : textField(2, size)]),
  );
  const tensorType = [varintField(1, info.type), ...bytesField(2, dimensions)];
  return [textField(1, info.name), ...bytesField(2, bytesField(1, tensorType))];
}

export interface GraphParts {
  readonly name: string;
  readonly nodes: readonly Parts[];
  readonly initializers: readonly Parts[];
  readonly inputs: readonly Parts[];
  readonly outputs: readonly Parts[];
}

/** GraphProto. The nodes are joined, the numbers of the tensors are not copied. */
export function encodeGraph(graph: GraphParts): Parts {
  return [
    Buffer.concat(graph.nodes.flatMap((node) => bytesField(1, node))),
    textField(2, graph.name),
    ...graph.initializers.flatMap((tensor) => bytesField(5, tensor)),
    ...graph.inputs.flatMap((input) => bytesField(11, input)),
    ...graph.outputs.flatMap((output) => bytesField(12, output)),
  ];
}

/** ModelProto with one operator set. */
export function encodeModel(graph: Parts): Parts {
  return [
    varintField(1, IR_VERSION),
    textField(2, "sluice"),
    ...bytesField(7, graph),
    ...bytesField(8, [varintField(2, OPSET)]),
  ];
}
