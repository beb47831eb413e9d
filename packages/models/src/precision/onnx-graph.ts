import { ModelError } from "../model-error.ts";
import { encodeGraph, encodeModel, encodeTensor, FLOAT } from "../onnx/messages.ts";
import { nameOf } from "../onnx/model-ports.ts";
import { bytesField, readFields, textField, type Field, type Parts } from "../onnx/wire.ts";

import { bytesOf } from "./float-values.ts";

/** Field numbers of ModelProto, GraphProto, NodeProto and TensorProto in onnx.proto3. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5, domain: 7 } as const;
const TENSOR = { dimension: 1, type: 2, name: 8, raw: 9 } as const;

/** A node whose attributes are kept as they were encoded. */
export interface GraphNode {
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Encoded AttributeProtos. */
  readonly attributes: readonly Uint8Array[];
}

/** A constant. */
export interface Initializer {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Little-endian numbers in row-major order. */
  readonly data: Uint8Array;
}

/** A network as ONNX holds it, nodes in the order of computation. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initializers: ReadonlyMap<string, Initializer>;
  /** Encoded ValueInfoProtos by name. */
  readonly inputs: ReadonlyMap<string, Uint8Array>;
  readonly outputs: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a model of our own building; the numbers of its tensors are not copied.
 *
 * @throws ModelError when it holds something that our builds do not (sub-graphs aside); WireError when it is no ONNX model
 */
export function readOnnxGraph(model: Buffer, file: string): OnnxGraph {
  const fields = readGraphFields(model, file);
  const of = (number: number): Buffer[] =>
    fields.filter((field) => field.number === number).map(({ bytes }) => bytes);
  return {
    name: of(GRAPH.name)[0]?.toString("utf8") ?? "",
    nodes: of(GRAPH.node).map(readNode),
    initializers: new Map(
      of(GRAPH.initializer).map((bytes) => {
        const tensor = readInitializer(bytes, file);
        return [tensor.name, tensor];
      }),
    ),
    inputs: new Map(of(GRAPH.input).map((bytes) => [nameOf(bytes), bytes])),
    outputs: new Map(of(GRAPH.output).map((bytes) => [nameOf(bytes), bytes])),
  };
}

/** The nodes alone, of any ONNX model. @throws ModelError, WireError when it is none */
export function readNodes(model: Buffer, file: string): GraphNode[] {
  return readGraphFields(model, file)
    .filter(({ number }) => number === GRAPH.node)
    .map(({ bytes }) => readNode(bytes));
}

function readGraphFields(model: Buffer, file: string): Field[] {
  const graph = readFields(model).find(({ number }) => number === MODEL_GRAPH);
  if (graph === undefined) throw new ModelError(file, "not an ONNX model: it holds no graph");
  return readFields(graph.bytes);
}

/** The same graph always gives the same bytes; they come in parts that share the tensors' memory. */
export function writeOnnxGraph(graph: OnnxGraph): Parts {
  return encodeModel(
    encodeGraph({
      name: graph.name,
      nodes: graph.nodes.map(encodeGraphNode),
      initializers: [...graph.initializers.values()].map(encodeTensor),
      inputs: [...graph.inputs.values()].map((port) => [port]),
      outputs: [...graph.outputs.values()].map((port) => [port]),
    }),
  );
}

function readNode(bytes: Buffer): GraphNode {
  const fields = readFields(bytes);
  const texts = (number: number): string[] =>
    fields.filter((field) => field.number === number).map((field) => field.bytes.toString("utf8"));
  return {
    operator: texts(NODE.operator)[0] ?? "",
    domain: texts(NODE.domain)[0] ?? "",
    inputs: texts(NODE.input),
    outputs: texts(NODE.output),
    attributes: fields
      .filter(({ number }) => number === NODE.attribute)
      .map((attribute) => attribute.bytes),
  };
}

function encodeGraphNode(node: GraphNode): Parts {
  return [
    ...node.inputs.map((name) => textField(NODE.input, name)),
    ...node.outputs.map((name) => textField(NODE.output, name)),
    textField(NODE.name, node.outputs[0] ?? ""),
    textField(NODE.operator, node.operator),
    ...node.attributes.flatMap((attribute) => bytesField(NODE.attribute, [attribute])),
    ...(node.domain === "" ? [] : [textField(NODE.domain, node.domain)]),
  ];
}

function readInitializer(bytes: Buffer, file: string): Initializer {
  const fields = readFields(bytes);
  const name = fields.find(({ number }) => number === TENSOR.name)?.bytes.toString("utf8") ?? "";
  const raw = fields.find(({ number }) => number === TENSOR.raw);
  if (raw === undefined) {
    throw new ModelError(
      file,
      `${name} is not stored as raw data; precision variants are made of models that Sluice builds`,
    );
  }
  return {
    name,
    type: Number(fields.find(({ number }) => number === TENSOR.type)?.varint ?? 0n),
    shape: fields.filter(({ number }) => number === TENSOR.dimension).map(sizeOf),
    data: raw.bytes,
  };
}

function sizeOf({ varint }: Field): number {
  return Number(BigInt.asIntN(64, varint));
}

export function floatConstant(
  name: string,
  shape: readonly number[],
  values: Float32Array,
): Initializer {
  return { name, type: FLOAT, shape, data: bytesOf(values) };
}
