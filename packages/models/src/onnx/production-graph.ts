import { readFile } from "node:fs/promises";
import type { ModelDirectory, Preprocessing } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import { encodeNode, encodeValueInfo, FLOAT, floatTensor, UINT8, type Node } from "./messages.ts";
import { bytesField, readFields, WireError, type Field, type Parts } from "./wire.ts";

/** Field numbers of ModelProto and GraphProto in onnx.proto3. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;

/** What is put around the model; a prefix keeps the names apart from its own. */
const NAMES = {
  cast: "sluice_cast",
  scale: "sluice_scale",
  shift: "sluice_shift",
  scaled: "sluice_scaled",
  normalised: "sluice_normalised",
} as const;

/**
 * Derives the graph that the engine runs from a model directory: input `pixels` `[batch, height, width, 3]` uint8; cast,
 * normalisation and transposition inside; `probabilities` `[batch, classes]` beside `logits`. So no loop over pixels runs outside of
 * the session, and a quarter of the bytes are copied to it. Works for any ONNX classifier with one image input; fields that
 * are not known here stay as they are.
 *
 * @throws ModelError when the file is not an ONNX model, or has no single image input or no output
 */
export async function deriveProductionGraph(model: ModelDirectory): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(model.onnxPath);
  } catch (error) {
    throw new ModelError(model.onnxPath, `cannot be read (${String(error)})`, { cause: error });
  }
  try {
    return wrapModel(bytes, model);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ModelError(
      model.onnxPath,
      `not an ONNX model (${error.message}); export it again, or copy it again in full`,
      { cause: error },
    );
  }
}

function wrapModel(bytes: Buffer, model: ModelDirectory): Buffer {
  const fields = readFields(bytes);
  const graph = fields.find(({ number, wireType }) => number === MODEL_GRAPH && wireType === 2);
  if (graph === undefined) {
    throw new ModelError(model.onnxPath, "not an ONNX model: it holds no graph");
  }
  const wrapped = wrapGraph(readFields(graph.bytes), model);
  return Buffer.concat(
    fields.flatMap((field): Uint8Array[] =>
      field === graph ? bytesField(MODEL_GRAPH, wrapped) : [field.raw],
    ),
  );
}

function wrapGraph(fields: readonly Field[], model: ModelDirectory): Parts {
  const input = findInput(fields, model);
  const output = findOutput(fields, model);
  const { preprocessing, labels } = model;
  const before = preprocessingNodes(input).map((node) => bytesField(GRAPH.node, encodeNode(node)));
  const softmax: Node = {
    operator: "Softmax",
    inputs: [output],
    outputs: ["probabilities"],
    attributes: { axis: 1 },
  };
  const { cropHeight, cropWidth } = preprocessing;
  const pixels = { name: "pixels", type: UINT8, shape: ["batch", cropHeight, cropWidth, 3] };
  const probabilities = { name: "probabilities", type: FLOAT, shape: ["batch", labels.length] };
  const isInput = (field: Field): boolean =>
    field.number === GRAPH.input && nameOf(field) === input;
  return [
    ...before.flat(),
    ...fields.filter((field) => !isInput(field)).map(({ raw }) => raw),
    ...bytesField(GRAPH.node, encodeNode(softmax)),
    ...normalisation(preprocessing).flatMap((tensor) => bytesField(GRAPH.initializer, tensor)),
    ...bytesField(GRAPH.input, encodeValueInfo(pixels)),
    ...bytesField(GRAPH.output, encodeValueInfo(probabilities)),
  ];
}

/** uint8 NHWC → float → (x·rescale − mean)/std as one multiplication and one addition → NCHW under the model's own name. */
function preprocessingNodes(input: string): Node[] {
  return [
    { operator: "Cast", inputs: ["pixels"], outputs: [NAMES.cast], attributes: { to: FLOAT } },
    { operator: "Mul", inputs: [NAMES.cast, NAMES.scale], outputs: [NAMES.scaled] },
    { operator: "Add", inputs: [NAMES.scaled, NAMES.shift], outputs: [NAMES.normalised] },
    {
      operator: "Transpose",
      inputs: [NAMES.normalised],
      outputs: [input],
      attributes: { perm: [0, 3, 1, 2] },
    },
  ];
}

function normalisation({ rescale, mean, std }: Preprocessing): Parts[] {
  const scale = Float32Array.from(std, (deviation) => rescale / deviation);
  const shift = Float32Array.from(std, (deviation, c) => -(mean[c] ?? 0) / deviation);
  return [floatTensor(NAMES.scale, [3], scale), floatTensor(NAMES.shift, [3], shift)];
}

/** The image input: `pixel_values`, or the only input that is no initializer. */
function findInput(fields: readonly Field[], model: ModelDirectory): string {
  const initializers = new Set(
    fields.filter(({ number }) => number === GRAPH.initializer).map((field) => nameOf(field, 8)),
  );
  const inputs = fields
    .filter(({ number }) => number === GRAPH.input)
    .map((field) => nameOf(field))
    .filter((name) => !initializers.has(name));
  const found = inputs.find((name) => name === "pixel_values") ?? inputs[0];
  if (found === undefined || (inputs.length > 1 && found !== "pixel_values")) {
    throw new ModelError(
      model.onnxPath,
      `expected one image input or one named pixel_values, found ${inputs.join(", ") || "none"}`,
    );
  }
  return found;
}

/** The class scores before softmax: `logits`, or the first output. */
function findOutput(fields: readonly Field[], model: ModelDirectory): string {
  const outputs = fields
    .filter(({ number }) => number === GRAPH.output)
    .map((field) => nameOf(field));
  const found = outputs.find((name) => name === "logits") ?? outputs[0];
  if (found === undefined) throw new ModelError(model.onnxPath, "the graph has no output");
  return found;
}

/** Name of a ValueInfoProto (field 1) or TensorProto (field 8). */
function nameOf(field: Field, nameField = 1): string {
  const name = readFields(field.bytes).find(({ number }) => number === nameField);
  return name?.bytes.toString("utf8") ?? "";
}
