import { ModelError } from "../model-error.ts";
import { readFields, type Field } from "./wire.ts";

/** Field numbers of GraphProto in onnx.proto3. */
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;

/** An input or output of a graph, as far as the file declares it. */
export interface Port {
  readonly name: string;
  /** TensorProto.DataType; 0 when it is not declared. */
  readonly elementType: number;
  /** Null for a free dimension; the whole is null when it is not declared. */
  readonly shape: readonly (number | null)[] | null;
}

/** What the production graph has to know of a classifier. */
export interface ModelPorts {
  readonly image: Port;
  /** Class scores, `[batch, classes]`. */
  readonly scores: Port;
  /** The scores come out of a softmax of the model's own. */
  readonly areProbabilities: boolean;
  /** Whether there is an output `embeddings`. */
  readonly hasEmbeddings: boolean;
  /** Names of all values in the graph. */
  readonly names: ReadonlySet<string>;
}

/**
 * Finds a classifier's image input (the only one that is no initializer, whatever its name) and its scores (`logits`, or
 * the first output).
 *
 * @throws ModelError when there is no such input or output; WireError when the bytes are not a graph
 */
export function findPorts(fields: readonly Field[], file: string): ModelPorts {
  const of = (number: number): Field[] => fields.filter((field) => field.number === number);
  const initializers = new Set(of(GRAPH.initializer).map(({ bytes }) => textOf(bytes, 8)));
  const inputs = of(GRAPH.input)
    .map(({ bytes }) => readPort(bytes))
    .filter(({ name }) => !initializers.has(name));
  const outputs = of(GRAPH.output).map(({ bytes }) => readPort(bytes));
  const nodes = of(GRAPH.node).map(({ bytes }) => readNode(bytes));
  const scores = chooseScores(outputs, file);
  const producer = nodes.find((node) => node.outputs.includes(scores.name));
  return {
    image: chooseImage(inputs, file),
    scores,
    hasEmbeddings: outputs.some(({ name }) => name === "embeddings"),
    areProbabilities: producer?.operator === "Softmax",
    names: new Set([
      ...initializers,
      ...inputs.map(({ name }) => name),
      ...nodes.flatMap((node) => node.outputs),
    ]),
  };
}

function chooseImage(inputs: readonly Port[], file: string): Port {
  const [only, ...others] = inputs;
  if (only !== undefined && others.length === 0) return only;
  const names = inputs.map(({ name }) => name).join(", ");
  throw new ModelError(
    file,
    `expected one input, the picture, found ${names === "" ? "none" : names}; export an image classifier`,
  );
}

function chooseScores(outputs: readonly Port[], file: string): Port {
  const found = outputs.find(({ name }) => name === "logits") ?? outputs[0];
  if (found !== undefined) return found;
  throw new ModelError(file, "the graph has no output; expected logits [batch, classes]");
}

/** Name of a ValueInfoProto. */
export function nameOf(bytes: Buffer): string {
  return textOf(bytes, 1);
}

/** ValueInfoProto: name 1; type 2 → tensor 1 → element type 1, shape 2 → dimensions 1. */
export function readPort(bytes: Buffer): Port {
  const tensor = inside(inside(bytes, 2), 1);
  const type = readFields(tensor).find(({ number }) => number === 1);
  const shape = readFields(tensor).find(({ number }) => number === 2);
  const dimensions = shape === undefined ? null : readFields(shape.bytes).map(readDimension);
  return { name: nameOf(bytes), elementType: Number(type?.varint ?? 0n), shape: dimensions };
}

/** Dimension: a value (1) or the name of a free one (2). Exporters also write 0 and -1 for a free one. */
function readDimension({ bytes }: Field): number | null {
  const value = readFields(bytes).find(({ number }) => number === 1);
  const size = Number(BigInt.asIntN(64, value?.varint ?? 0n));
  return size > 0 ? size : null;
}

export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** NodeProto: inputs 1, outputs 2, operator 4. */
export function readNode(bytes: Buffer): GraphNode {
  const fields = readFields(bytes);
  const texts = (wanted: number): string[] =>
    fields.filter(({ number }) => number === wanted).map((field) => field.bytes.toString("utf8"));
  return { operator: texts(4)[0] ?? "", inputs: texts(1), outputs: texts(2) };
}

function inside(message: Buffer, number: number): Buffer {
  const field = readFields(message).find((candidate) => candidate.number === number);
  return field?.bytes ?? Buffer.alloc(0);
}

function textOf(message: Buffer, number: number): string {
  return inside(message, number).toString("utf8");
}
