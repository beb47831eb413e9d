import { open, type FileHandle } from "node:fs/promises";
import {
  BYTES_PER_ELEMENT,
  type CheckpointSummary,
  type StoredTensor,
  type TensorDtype,
  type WeightsFile,
} from "../stored-tensor.ts";
import { WeightsFileError } from "../weights-file-error.ts";
import { collectTensors } from "./collect-tensors.ts";
import { PickleError } from "./pickle-error.ts";
import type { PickleTensor } from "./pickle-value.ts";
import { readExactly } from "./read-exactly.ts";
import { dtypeOfStorage } from "./storage-types.ts";
import { openOldFormat, openZipFormat, type PytorchContent } from "./storages.ts";

/** An open PyTorch file. */
export interface PytorchFile extends WeightsFile {
  /** What else the checkpoint says: epoch, accuracy, number of classes. */
  readonly summary: CheckpointSummary;
}

/**
 * Opens a file written by torch.save (zip format of torch 1.6 and later, or the older one) without executing anything
 * in it, and finds the state dict: the value itself, or below `state_dict`, `model_state_dict`, `model`, …
 *
 * @throws WeightsFileError naming file and reason: not such a file, truncated, a global that is not allowed, …
 */
export async function openPytorchFile(path: string): Promise<PytorchFile> {
  const file = await open(path, "r");
  try {
    const content = await naming(path, async () => await openContent(file));
    const { tensors, summary } = await naming(path, () => collectTensors(content.value));
    const stored = new Map(
      [...tensors].map(([name, tensor]) => [name, describe({ path, file, content, name, tensor })]),
    );
    return {
      path,
      tensors: stored,
      summary,
      [Symbol.asyncDispose]: async () => await file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openContent(file: FileHandle): Promise<PytorchContent> {
  const { size } = await file.stat();
  if (size < 16) throw new PickleError(`the file has only ${size} bytes`);
  const head = await readExactly(file, 0, 4);
  const isZip = head.equals(Buffer.from("PK\u0003\u0004", "latin1"));
  return isZip ? await openZipFormat(file, size) : await openOldFormat(file, size);
}

function describe(parts: {
  path: string;
  file: FileHandle;
  content: PytorchContent;
  name: string;
  tensor: PickleTensor;
}): StoredTensor {
  const { path, file, content, name, tensor } = parts;
  const { key, type, length } = tensor.storage;
  const dtype = dtypeOfStorage(type);
  if (dtype === undefined) {
    throw new WeightsFileError(path, `tensor ${name} has the unknown storage type ${type}`);
  }
  refuseOutside(path, name, tensor);
  return {
    name,
    dtype,
    shape: tensor.shape,
    readBytes: async () =>
      await naming(path, async () => {
        const at = content.locate({ key, length, dtype });
        return await readView(file, { at, dtype, tensor });
      }),
  };
}

/**
 * Every element that the shape and strides can reach must lie in the storage, and there may not be more of them than the
 * storage has: a stride of 0 would make terabytes of one number.
 */
function refuseOutside(path: string, name: string, tensor: PickleTensor): void {
  const { shape, strides, offset, storage } = tensor;
  const reach = shape.reduce((sum, size, i) => sum + Math.max(0, size - 1) * (strides[i] ?? 0), 0);
  const count = shape.reduce((product, size) => product * size, 1);
  const isWithin = offset + reach < storage.length && count <= storage.length;
  if (shape.length !== strides.length || (count > 0 && !isWithin)) {
    throw new WeightsFileError(
      path,
      `tensor ${name} of shape [${shape.join(", ")}] reaches outside of its storage of ${storage.length} elements`,
    );
  }
}

async function readView(
  file: FileHandle,
  view: { at: number; dtype: TensorDtype; tensor: PickleTensor },
): Promise<Buffer> {
  const { shape, strides, offset } = view.tensor;
  const width = BYTES_PER_ELEMENT[view.dtype];
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return Buffer.alloc(0); // whatever its strides say
  if (isContiguous(shape, strides)) {
    return await readExactly(file, view.at + offset * width, count * width);
  }
  // A transposed or expanded view: read the stretch it covers, then gather.
  const reach = shape.reduce((sum, size, i) => sum + (size - 1) * (strides[i] ?? 0), 0);
  const stretch = await readExactly(file, view.at + offset * width, (reach + 1) * width);
  return gather(stretch, { shape, strides, width, count });
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i] ?? 1;
  }
  return true;
}

function gather(
  source: Buffer,
  view: { shape: readonly number[]; strides: readonly number[]; width: number; count: number },
): Buffer {
  const target = Buffer.alloc(view.count * view.width);
  const index = view.shape.map(() => 0);
  for (let i = 0; i < view.count; i++) {
    const from = index.reduce((sum, at, axis) => sum + at * (view.strides[axis] ?? 0), 0);
    source.copy(target, i * view.width, from * view.width, (from + 1) * view.width);
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next === view.shape[axis] ? 0 : next;
      if (index[axis] !== 0) break;
    }
  }
  return target;
}

/** Adds the file's name to what the readers say about its bytes. */
async function naming<T>(path: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new WeightsFileError(path, error.message, { cause: error });
  }
}
