import { join } from "node:path";
import type { ModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import { FLOAT, FLOAT16 } from "./messages.ts";
import { GRAPH, type ModelPorts } from "./model-ports.ts";
import { readFields, type Field } from "./wire.ts";

/** Operator set in which addition began to broadcast as it does today. */
const OLDEST_OPSET = 7;

export interface Inspected {
  readonly model: ModelDirectory;
  readonly ports: ModelPorts;
  /** Fields of GraphProto. */
  readonly graph: readonly Field[];
  /** Fields of ModelProto. */
  readonly file: readonly Field[];
}

/** Refuses a model that would load and then fail or answer wrongly. @throws ModelError that says why */
export function refuseUnusable(inspected: Inspected): void {
  const { model, ports } = inspected;
  const problem =
    problemOfFile(inspected) ?? problemOfImage(ports, model) ?? problemOfScores(ports, model);
  if (problem !== null) throw new ModelError(model.onnxPath, problem);
}

function problemOfFile({ graph, file, ports }: Inspected): string | null {
  const opset = file.filter(({ number }) => number === 8).map(readOpset);
  const version = opset.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 1;
  if (version < OLDEST_OPSET) {
    return `uses ONNX operator set ${version}, expected ${OLDEST_OPSET} or later; export it again`;
  }
  const weights = graph.filter(({ number }) => number === GRAPH.initializer);
  if (weights.some(isExternal)) {
    return "keeps its weights in a second file (external data); save it as one file, for example with onnx.save";
  }
  const taken = ["pixels", "probabilities"].find(
    (name) => ports.names.has(name) && !(name === ports.scores.name && ports.areProbabilities),
  );
  return taken === undefined
    ? null
    : `has a value named ${taken}, a name that Sluice gives to its own; export it under another name`;
}

function problemOfImage({ image }: ModelPorts, { preprocessing }: ModelDirectory): string | null {
  if (image.elementType !== FLOAT && image.elementType !== FLOAT16) {
    return `its input ${image.name} is not of float32 or float16 (ONNX type ${image.elementType}); export it without its preprocessing`;
  }
  const { cropHeight, cropWidth } = preprocessing;
  const expected = [null, 3, cropHeight, cropWidth];
  if (image.shape === null || accepts(image.shape, expected)) return null;
  return `its input ${image.name} is ${print(image.shape)}, expected ${print(expected)} from preprocessor_config.json; correct the sizes there, or export the model with channels first`;
}

function problemOfScores(
  { scores }: ModelPorts,
  { labels, folder }: ModelDirectory,
): string | null {
  const expected = [null, labels.length];
  if (scores.shape === null || accepts(scores.shape, expected)) return null;
  return `its output ${scores.name} is ${print(scores.shape)}, expected ${print(expected)} from the ${labels.length} labels of ${join(folder, "config.json")}`;
}

function accepts(shape: readonly (number | null)[], expected: readonly (number | null)[]): boolean {
  return (
    shape.length === expected.length &&
    shape.every((size, i) => size === null || expected[i] === null || size === expected[i])
  );
}

function print(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? "any").join(", ")}]`;
}

/** OperatorSetIdProto: domain 1, version 2. */
function readOpset({ bytes }: Field): { domain: string; version: number } {
  const fields = readFields(bytes);
  return {
    domain: fields.find(({ number }) => number === 1)?.bytes.toString("utf8") ?? "",
    version: Number(fields.find(({ number }) => number === 2)?.varint ?? 0n),
  };
}

/** TensorProto.data_location (14) is EXTERNAL (1). */
function isExternal({ bytes }: Field): boolean {
  return readFields(bytes).some(({ number, varint }) => number === 14 && varint === 1n);
}
