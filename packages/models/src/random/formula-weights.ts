import type { StoredTensor, WeightsFile } from "../weights/stored-tensor.ts";
import { fillTensor, type Gains } from "./formula-tensor.ts";

/** A weights file that is not on the disk: tensors are made by the formula when they are read. */
export function formulaWeights(
  parameters: readonly { name: string; shape: readonly number[] }[],
  gains: Gains,
): WeightsFile {
  const tensors = parameters.map(({ name, shape }): [string, StoredTensor] => {
    const readBytes = async (): Promise<Buffer> =>
      Buffer.from(fillTensor(name, shape, gains).buffer);
    return [name, { name, shape, dtype: "F32", readBytes }];
  });
  return {
    path: "formula",
    tensors: new Map(tensors),
    [Symbol.asyncDispose]: async () => await Promise.resolve(),
  };
}
