import type { Parameter } from "../graph/operation.ts";
import { asDefined, type Renaming } from "../names/renaming.ts";
import { compareTensors } from "./compare-tensors.ts";
import type { StoredTensor, WeightsFile } from "./stored-tensor.ts";
import { toFloat32 } from "./to-float32.ts";
import { WeightsFileError } from "./weights-file-error.ts";

/** Longest list of differences that a message holds: a checkpoint of another architecture differs in all of them. */
const MAX_DIFFERENCES = 20;

export interface LoadOptions {
  /** What the network needs. */
  readonly parameters: readonly Parameter[];
  /** Name that the file has for a parameter; the same when left out. */
  readonly rename?: Renaming;
  /** Beginnings of names that may be in the file and are not needed: auxiliary training heads. */
  readonly ignored: readonly string[];
}

/**
 * Reads the parameters of a network from a file, as float32, one tensor at a time; keyed by the network's own names.
 *
 * @throws WeightsFileError when a tensor is missing, surplus, of another shape, not finite or not of floats; all
 *   differences of one file are told at once, missing tensors with the nearest name that the file has
 */
export async function loadParameters(
  file: WeightsFile,
  { parameters, ignored, rename = asDefined }: LoadOptions,
): Promise<Map<string, Float32Array>> {
  const expected = parameters.map(({ name, shape }) => ({ name: rename(name), shape }));
  refuseDifferences(file.path, compareTensors(file.tensors, expected, ignored));
  const loaded = new Map<string, Float32Array>();
  for (const { name } of parameters) {
    const tensor = file.tensors.get(rename(name));
    if (tensor !== undefined) loaded.set(name, await readWeights(file.path, tensor));
  }
  return loaded;
}

function refuseDifferences(path: string, differences: readonly string[]): void {
  if (differences.length === 0) return;
  const more = differences.length - MAX_DIFFERENCES;
  const told = [
    ...differences.slice(0, MAX_DIFFERENCES),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
  throw new WeightsFileError(
    path,
    `the weights do not fit the architecture:\n  - ${told.join("\n  - ")}`,
  );
}

async function readWeights(path: string, tensor: StoredTensor): Promise<Float32Array> {
  const { name, dtype } = tensor;
  const values = toFloat32(await tensor.readBytes(), dtype);
  if (values === null) {
    throw new WeightsFileError(path, `tensor ${name} holds ${dtype}, expected floats`);
  }
  if (!isFinite(values)) {
    throw new WeightsFileError(
      path,
      `tensor ${name} holds NaN or infinite weights (or ones too large for float32): the training diverged, or the file is damaged`,
    );
  }
  return values;
}

/** A loop over the index: `every` calls a function per weight, which took seconds for VGG's 138 million. */
function isFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
