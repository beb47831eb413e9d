import { ModelError } from "../model-error.ts";
import { encodeNode, encodeValueInfo, FLOAT, floatTensor } from "./messages.ts";
import { GRAPH, nameOf, readPort, type Port } from "./model-ports.ts";
import { pruneGraph, type Pruned } from "./prune-graph.ts";
import { bytesField, readFields, WireError, type Field, type Parts } from "./wire.ts";

export interface NewHead {
  /** The output that the head reads, `[batch, dimension]` float32; `embeddings` in our builds. */
  readonly embeddings: string;
  /** `[classes, dimension]`, row-major. */
  readonly weights: Float32Array;
  /** `[classes]` */
  readonly bias: Float32Array;
  /** Name of the file, for messages. */
  readonly file: string;
}

/** Field numbers of GraphProto beside GRAPH, and of ModelProto. */
const VALUE_INFO = 13;
const QUANTIZATION_ANNOTATION = 14;
const MODEL_GRAPH = 7;

/**
 * Gives a classifier another last layer: `logits` = embeddings · weightsᵀ + bias. What only the old `logits` needed is taken
 * out, and outputs that were computed from them; everything else stays as it was, byte for byte. The same input gives
 * the same bytes.
 *
 * @returns the file in parts, which share the memory of `onnx`
 * @throws ModelError when the graph has no such embeddings, or they do not fit the head
 */
export function replaceHead(onnx: Buffer, head: NewHead): Parts {
  try {
    return replaceInFile(onnx, head);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ModelError(head.file, `not an ONNX model (${error.message}); export it again`, {
      cause: error,
    });
  }
}

function replaceInFile(onnx: Buffer, head: NewHead): Parts {
  const fields = readFields(onnx);
  const graph = fields.find(({ number, wireType }) => number === MODEL_GRAPH && wireType === 2);
  if (graph === undefined) {
    throw new ModelError(head.file, "not an ONNX model: it holds no graph; export it again");
  }
  const replaced = replaceInGraph(readFields(graph.bytes), head);
  return fields.flatMap((field): Parts =>
    field === graph ? bytesField(MODEL_GRAPH, replaced) : [field.raw],
  );
}

function replaceInGraph(graph: readonly Field[], head: NewHead): Parts {
  const outputs = graph.filter(({ number }) => number === GRAPH.output);
  const ports = outputs.map(({ bytes }) => readPort(bytes));
  checkEmbeddings(ports, head);
  const scores =
    ports.find(({ name }) => name === "logits") ??
    ports.find(({ name }) => name !== head.embeddings);
  const pruned = pruneGraph(graph, scores?.name ?? "");
  if (pruned.values.has(head.embeddings)) {
    throw new ModelError(
      head.file,
      `its ${head.embeddings} are computed from its ${scores?.name ?? "logits"}, so no other last layer can take their place`,
    );
  }
  const kept = graph.filter((field) => !isPruned(field, pruned));
  const logits = { name: "logits", type: FLOAT, shape: ["batch", head.bias.length] };
  return [
    // Before the others: where no name is asked for, the first output is taken.
    ...bytesField(GRAPH.output, encodeValueInfo(logits)),
    ...kept.map(({ raw }) => raw),
    ...newLayer(head, namesIn(kept)),
  ];
}

function checkEmbeddings(
  outputs: readonly Port[],
  { embeddings, weights, bias, file }: NewHead,
): void {
  const found = outputs.find(({ name }) => name === embeddings);
  if (found === undefined) {
    throw new ModelError(
      file,
      `has no output ${embeddings} (it has ${outputs.map(({ name }) => name).join(", ")}); models that \`sluice models build\` and \`sluice models pull torchvision:…\` make have it`,
    );
  }
  const dimension = weights.length / bias.length;
  const [, size = null] = found.shape ?? [];
  const isFlat = found.shape === null || found.shape.length === 2;
  if (found.elementType === FLOAT && isFlat && (size === null || size === dimension)) return;
  const shape = found.shape?.map((length) => length ?? "any").join(", ") ?? "not declared";
  throw new ModelError(
    file,
    `its ${embeddings} are [${shape}] of ONNX type ${found.elementType}; the new layer takes [any, ${dimension}] of float32 (type ${FLOAT})`,
  );
}

/** Gemm with the weights as PyTorch's Linear keeps them. */
function newLayer({ embeddings, weights, bias }: NewHead, taken: ReadonlySet<string>): Parts {
  const weightName = freeName("head.weight", taken);
  const biasName = freeName("head.bias", taken);
  const shape = [bias.length, weights.length / bias.length];
  const node = {
    operator: "Gemm",
    inputs: [embeddings, weightName, biasName],
    outputs: ["logits"],
    attributes: { transB: 1 },
  };
  return [
    ...bytesField(GRAPH.node, encodeNode(node)),
    ...bytesField(GRAPH.initializer, floatTensor(weightName, shape, weights)),
    ...bytesField(GRAPH.initializer, floatTensor(biasName, [bias.length], bias)),
  ];
}

/** Initializers (TensorProto, name 8) and inputs that nothing reads any more, and what is said about values that are gone. */
function isPruned(field: Field, { nodes, values, sources }: Pruned): boolean {
  switch (field.number) {
    case GRAPH.node:
      return nodes.has(field);
    case GRAPH.initializer:
      return sources.has(initializerName(field));
    case GRAPH.input:
      return sources.has(nameOf(field.bytes));
    case GRAPH.output:
    case VALUE_INFO:
    case QUANTIZATION_ANNOTATION:
      return values.has(nameOf(field.bytes)) || sources.has(nameOf(field.bytes));
    default:
      return false;
  }
}

function initializerName({ bytes }: Field): string {
  const name = readFields(bytes).find(({ number }) => number === 8);
  return name?.bytes.toString("utf8") ?? "";
}

/** Names of all values that a graph holds. */
function namesIn(graph: readonly Field[]): ReadonlySet<string> {
  return new Set(
    graph.flatMap((field) => {
      if (field.number === GRAPH.initializer) return [initializerName(field)];
      if (field.number === GRAPH.input) return [nameOf(field.bytes)];
      if (field.number !== GRAPH.node) return [];
      const written = readFields(field.bytes).filter(({ number }) => number === 2);
      return written.map(({ bytes }) => bytes.toString("utf8"));
    }),
  );
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  return taken.has(wanted) ? freeName(`${wanted}_`, taken) : wanted;
}
