import { readFile } from "node:fs/promises";
import type { Preprocessing } from "../directory/preprocessor-config.ts";
import type { ModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import {
  encodeNode,
  encodeValueInfo,
  FLOAT,
  FLOAT16,
  floatTensor,
  UINT8,
  type Node,
} from "./messages.ts";
import { findPorts, GRAPH, nameOf, type ModelPorts } from "./model-ports.ts";
import { refuseUnusable } from "./refuse-unusable.ts";
import { bytesField, readFields, WireError, type Field, type Parts } from "./wire.ts";

/** Field numbers of ModelProto in onnx.proto3. */
const MODEL = { irVersion: 1, graph: 7 } as const;

/** IR version from which on an initializer need not be an input. */
const FREE_INITIALIZERS = 4;

/** What is put around the model; a prefix keeps the names apart from its own. */
const NAMES = {
  cast: "sluice_cast",
  scale: "sluice_scale",
  shift: "sluice_shift",
  scaled: "sluice_scaled",
  normalised: "sluice_normalised",
  half: "sluice_half",
  scores: "sluice_scores",
  embeddings: "float_embeddings",
} as const;

export interface ProductionOptions {
  /** Adds the output `float_embeddings`: the model's `embeddings` in float32, whatever it computes in. */
  readonly withEmbeddings?: boolean;
}

/**
 * Derives the graph that the engine runs from a model directory: input `pixels` `[batch, height, width, 3]` uint8; cast,
 * normalisation and transposition inside; `probabilities` `[batch, classes]` float32 beside the model's own outputs. So
 * no loop over pixels runs outside of the session, and a quarter of the bytes are copied to it. Works for any ONNX
 * classifier with one image input, NCHW in float32 or float16; what is not known here stays in the file as it is.
 *
 * @throws ModelError when the file is not an ONNX model, or not one that fits its config.json and preprocessor_config.json
 */
export async function deriveProductionGraph(
  model: ModelDirectory,
  options: ProductionOptions = {},
): Promise<Buffer> {
  const bytes = await readModel(model.onnxPath);
  try {
    return wrapModel(bytes, model, options);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ModelError(
      model.onnxPath,
      `not an ONNX model (${error.message}); export it again, or copy it again in full`,
      { cause: error },
    );
  }
}

async function readModel(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
  }
}

function wrapModel(
  bytes: Buffer,
  model: ModelDirectory,
  { withEmbeddings = false }: ProductionOptions,
): Buffer {
  const fields = readFields(bytes);
  const graph = fields.find(({ number, wireType }) => number === MODEL.graph && wireType === 2);
  if (graph === undefined) {
    throw new ModelError(model.onnxPath, "not an ONNX model: it holds no graph; export it again");
  }
  const inside = readFields(graph.bytes);
  const ports = findPorts(inside, model.onnxPath);
  refuseUnusable({ model, ports, graph: inside, file: fields });
  if (withEmbeddings && !ports.hasEmbeddings) throw withoutEmbeddings(model);
  const irVersion = Number(
    fields.findLast(({ number }) => number === MODEL.irVersion)?.varint ?? 0n,
  );
  const wrapped = wrapGraph(inside, { ports, model, irVersion, withEmbeddings });
  return Buffer.concat(
    fields.flatMap((field): Uint8Array[] =>
      field === graph ? bytesField(MODEL.graph, wrapped) : [field.raw],
    ),
  );
}

function withoutEmbeddings({ onnxPath }: ModelDirectory): ModelError {
  return new ModelError(
    onnxPath,
    "gives no embeddings: name another member in the ensemble's embeddings, or none; models that `sluice models build` or `sluice models pull torchvision:…` made give them",
  );
}

interface Wrapping {
  readonly ports: ModelPorts;
  readonly model: ModelDirectory;
  readonly irVersion: number;
  readonly withEmbeddings: boolean;
}

function wrapGraph(graph: readonly Field[], wrapping: Wrapping): Parts {
  const { ports, model, withEmbeddings } = wrapping;
  const floats = { name: NAMES.embeddings, type: FLOAT, shape: ["batch", "dimensions"] };
  const nodes = (list: readonly Node[]): Uint8Array[] =>
    list.flatMap((node) => bytesField(GRAPH.node, encodeNode(node)));
  const hasProbabilities = ports.scores.name === "probabilities";
  const classes = { name: "probabilities", type: FLOAT, shape: ["batch", model.labels.length] };
  return [
    ...nodes(nodesBefore(ports)),
    ...graph.filter(({ number }) => number !== GRAPH.input).map(({ raw }) => raw),
    ...inputsOf(graph, wrapping),
    ...normalisation(model.preprocessing).flatMap((t) => bytesField(GRAPH.initializer, t)),
    ...(hasProbabilities ? [] : nodes(nodesBehind(ports))),
    ...(hasProbabilities ? [] : bytesField(GRAPH.output, encodeValueInfo(classes))),
    ...(withEmbeddings ? nodes([castNode("embeddings", NAMES.embeddings, FLOAT)]) : []),
    ...(withEmbeddings ? bytesField(GRAPH.output, encodeValueInfo(floats)) : []),
  ];
}

/**
 * `pixels` in the place of the picture. Old exporters list initializers as inputs too; left out, they are constants
 * that the runtime folds, but before IR version 4 they had to be listed.
 */
function inputsOf(graph: readonly Field[], { ports, model, irVersion }: Wrapping): Parts {
  const { cropHeight, cropWidth } = model.preprocessing;
  const pixels = { name: "pixels", type: UINT8, shape: ["batch", cropHeight, cropWidth, 3] };
  const listed = graph.filter(
    ({ number, bytes }) => number === GRAPH.input && nameOf(bytes) !== ports.image.name,
  );
  const kept = irVersion < FREE_INITIALIZERS ? listed.map(({ raw }) => raw) : [];
  return [...bytesField(GRAPH.input, encodeValueInfo(pixels)), ...kept];
}

/** uint8 NHWC → float → (x·rescale − mean)/std as one multiplication and one addition → NCHW under the model's own name. */
function nodesBefore({ image }: ModelPorts): Node[] {
  const isHalf = image.elementType === FLOAT16;
  const transposed = isHalf ? NAMES.half : image.name;
  return [
    { operator: "Cast", inputs: ["pixels"], outputs: [NAMES.cast], attributes: { to: FLOAT } },
    { operator: "Mul", inputs: [NAMES.cast, NAMES.scale], outputs: [NAMES.scaled] },
    { operator: "Add", inputs: [NAMES.scaled, NAMES.shift], outputs: [NAMES.normalised] },
    {
      operator: "Transpose",
      inputs: [NAMES.normalised],
      outputs: [transposed],
      attributes: { perm: [0, 3, 1, 2] },
    },
    ...(isHalf ? [castNode(transposed, image.name, FLOAT16)] : []),
  ];
}

/** Scores → float32 → softmax, left out where the model ends with one of its own. */
function nodesBehind({ scores, areProbabilities }: ModelPorts): Node[] {
  const isHalf = scores.elementType === FLOAT16;
  const input = isHalf ? NAMES.scores : scores.name;
  return [
    ...(isHalf ? [castNode(scores.name, input, FLOAT)] : []),
    areProbabilities
      ? { operator: "Identity", inputs: [input], outputs: ["probabilities"] }
      : {
          operator: "Softmax",
          inputs: [input],
          outputs: ["probabilities"],
          attributes: { axis: 1 },
        },
  ];
}

function castNode(input: string, output: string, to: number): Node {
  return { operator: "Cast", inputs: [input], outputs: [output], attributes: { to } };
}

function normalisation({ rescale, mean, std }: Preprocessing): Parts[] {
  const scale = Float32Array.from(std, (deviation) => rescale / deviation);
  const shift = Float32Array.from(std, (deviation, c) => -(mean[c] ?? 0) / deviation);
  return [floatTensor(NAMES.scale, [3], scale), floatTensor(NAMES.shift, [3], shift)];
}
