import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { ModelError } from "../model-error.ts";
import { GRAPH, readNode, readPort, type GraphNode } from "../onnx/model-ports.ts";
import { readFields, WireError, type Field } from "../onnx/wire.ts";
import { bytesOf, elementTypeName } from "./element-type.ts";
import { locateExternalData, type ExternalFile } from "./locate-external-data.ts";
import { readInitializer, type InitializerFacts } from "./read-initializer.ts";

/** Largest file that is read: protobuf's own limit. */
const MAX_BYTES = 2 ** 31 - 1;

export interface OnnxPort {
  readonly name: string;
  /** `float32`, `uint8`, …; `unknown` when it is not declared. */
  readonly type: string;
  /** Null for a free dimension; the whole is null when it is not declared. */
  readonly shape: readonly (number | null)[] | null;
}

export interface OnnxOutput extends OnnxPort {
  /** The operator that computes it, behind those that change no value (Identity, Cast, Reshape, Flatten, …). */
  readonly producer: string | null;
}

export interface OnnxReport {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  readonly producer: string;
  readonly producerVersion: string;
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Constants that old exporters list as inputs too are left out. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxOutput[];
  /** Most frequent first; sub-graphs are not looked into. */
  readonly operators: readonly { readonly operator: string; readonly count: number }[];
  readonly tensors: number;
  /** Elements of all constants. */
  readonly parameters: number;
  readonly parameterBytes: number;
  readonly externalFiles: readonly ExternalFile[];
}

/** Field numbers of ModelProto in onnx.proto3. */
const MODEL = { ir: 1, producer: 2, producerVersion: 3, graph: 7, opset: 8 } as const;

/**
 * What an ONNX file is, without running it.
 *
 * @throws ModelError when it cannot be read, is too large, or is no ONNX model
 */
export async function inspectOnnx(path: string): Promise<OnnxReport> {
  const bytes = await readModel(path);
  try {
    return await describe(path, bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ModelError(
      path,
      `not an ONNX model (${error.message}); export it again, or copy it again in full`,
      { cause: error },
    );
  }
}

async function readModel(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > MAX_BYTES) {
      throw new ModelError(path, `has ${size} bytes, expected at most ${MAX_BYTES} (2 GiB)`);
    }
    return await file.readFile();
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
  }
}

async function describe(path: string, bytes: Buffer): Promise<OnnxReport> {
  const fields = readFields(bytes);
  const graph = fields.find(({ number, wireType }) => number === MODEL.graph && wireType === 2);
  if (graph === undefined) {
    throw new ModelError(path, "not an ONNX model: it holds no graph; export it again");
  }
  const inside = readFields(graph.bytes);
  const of = (number: number): Buffer[] =>
    inside.filter((f) => f.number === number).map(bytesOfField);
  const initializers = of(GRAPH.initializer).map(readInitializer);
  const nodes = of(GRAPH.node).map(readNode);
  const byOutput = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const constants = new Set(initializers.map(({ name }) => name));
  const text = (number: number): string => last(fields, number)?.bytes.toString("utf8") ?? "";
  return {
    path,
    bytes: bytes.byteLength,
    sha256: sha256Schema.parse(createHash("sha256").update(bytes).digest("hex")),
    producer: text(MODEL.producer),
    producerVersion: text(MODEL.producerVersion),
    irVersion: Number(last(fields, MODEL.ir)?.varint ?? 0n),
    opsets: fields.filter(({ number }) => number === MODEL.opset).map(readOpset),
    inputs: of(GRAPH.input)
      .map(describePort)
      .filter(({ name }) => !constants.has(name)),
    outputs: of(GRAPH.output)
      .map(describePort)
      .map((port) => ({ ...port, producer: findProducer(byOutput, port.name) })),
    operators: countOperators(nodes),
    ...sizeOf(initializers),
    externalFiles: await locateExternalData(path, initializers),
  };
}

function bytesOfField({ bytes }: Field): Buffer {
  return bytes;
}

function last(fields: readonly Field[], wanted: number): Field | undefined {
  return fields.findLast(({ number }) => number === wanted);
}

/** OperatorSetIdProto: domain 1 (empty for ONNX's own), version 2. */
function readOpset({ bytes }: Field): { domain: string; version: number } {
  const fields = readFields(bytes);
  const domain = last(fields, 1)?.bytes.toString("utf8") ?? "";
  return {
    domain: domain === "" ? "ai.onnx" : domain,
    version: Number(last(fields, 2)?.varint ?? 0n),
  };
}

function describePort(bytes: Buffer): OnnxPort {
  const { name, elementType, shape } = readPort(bytes);
  return { name, type: elementTypeName(elementType), shape };
}

/** Operators behind which the values are what they were. */
const TRANSPARENT = new Set(["Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);
/** A longer chain of them is nobody's export; a cycle has no end. */
const MAX_CHAIN = 16;

function findProducer(nodes: ReadonlyMap<string, GraphNode>, output: string): string | null {
  let name = output;
  for (let step = 0; step < MAX_CHAIN; step++) {
    const node = nodes.get(name);
    if (node === undefined || !TRANSPARENT.has(node.operator)) return node?.operator ?? null;
    name = node.inputs[0] ?? "";
  }
  return null;
}

function countOperators(nodes: readonly GraphNode[]): { operator: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { operator } of nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return [...counts]
    .map(([operator, count]) => ({ operator, count }))
    .toSorted((a, b) => b.count - a.count || (a.operator < b.operator ? -1 : 1));
}

function sizeOf(
  initializers: readonly InitializerFacts[],
): Pick<OnnxReport, "tensors" | "parameters" | "parameterBytes"> {
  return {
    tensors: initializers.length,
    parameters: initializers.reduce((sum, { elements }) => sum + elements, 0),
    parameterBytes: initializers.reduce(
      (sum, { type, elements }) => sum + bytesOf(type, elements),
      0,
    ),
  };
}
