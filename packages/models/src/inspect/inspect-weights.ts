import { stat } from "node:fs/promises";
import { openWeights } from "../weights/open-weights.ts";
import {
  BYTES_PER_ELEMENT,
  type CheckpointSummary,
  type TensorDtype,
} from "../weights/stored-tensor.ts";
import { fitArchitectures, type ArchitectureFit } from "./fit-architectures.ts";

export interface WeightsReport extends ArchitectureFit {
  readonly path: string;
  readonly format: "safetensors" | "pytorch";
  /** Size of the file. */
  readonly bytes: number;
  /** In the order of the file. */
  readonly tensors: readonly {
    readonly name: string;
    readonly dtype: TensorDtype;
    readonly shape: readonly number[];
  }[];
  /** Elements of all tensors, statistics and counters too. */
  readonly parameters: number;
  /** Bytes of all tensors. */
  readonly parameterBytes: number;
  /** What a training checkpoint says of itself; null for files that hold nothing but tensors. */
  readonly checkpoint: CheckpointSummary | null;
}

/**
 * What a weights file holds; nothing in it is executed and no numbers are read.
 *
 * @throws WeightsFileError when it is not a safetensors or PyTorch file, or is damaged
 */
export async function inspectWeights(path: string): Promise<WeightsReport> {
  await using file = await openWeights(path);
  const tensors = [...file.tensors.values()].map(({ name, dtype, shape }) => ({
    name,
    dtype,
    shape,
    elements: shape.reduce((product, size) => product * size, 1),
  }));
  return {
    path,
    format: file.summary === undefined ? "safetensors" : "pytorch",
    bytes: (await stat(path)).size,
    tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })),
    parameters: tensors.reduce((sum, { elements }) => sum + elements, 0),
    parameterBytes: tensors.reduce(
      (sum, { elements, dtype }) => sum + elements * BYTES_PER_ELEMENT[dtype],
      0,
    ),
    checkpoint: file.summary ?? null,
    ...fitArchitectures(file.tensors),
  };
}
