import { PickleError } from "./pickle-error.ts";
import {
  PickleDict,
  PickleList,
  PickleOpaque,
  PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from "./pickle-value.ts";

/**
 * Everything that a state dict, saved by torch 0.4 to 2.x, names. Nothing of it is executed: each entry says what inert
 * value a call with these arguments stands for. Whatever is not in this table is refused by name.
 * Source of the shapes: torch/_utils.py and torch/serialization.py.
 */
const CALLS: ReadonlyMap<string, (args: readonly PickleValue[]) => PickleValue> = new Map<
  string,
  (args: readonly PickleValue[]) => PickleValue
>([
  ["collections.OrderedDict", buildDict],
  ["torch._utils._rebuild_tensor", buildTensor],
  ["torch._utils._rebuild_tensor_v2", buildTensor],
  ["torch._utils._rebuild_parameter", ([data]): PickleValue => data ?? null],
  ["torch.Size", ([items]): PickleValue => items ?? new PickleTuple([])],
  ["torch.device", (): PickleValue => new PickleOpaque("torch.device")],
  ["_codecs.encode", encodeText],
  [
    "numpy.dtype",
    ([name]): PickleValue =>
      new PickleOpaque(`numpy.dtype:${typeof name === "string" ? name : "?"}`),
  ],
  ["numpy.core.multiarray.scalar", readNumpyScalar],
  ["numpy._core.multiarray.scalar", readNumpyScalar],
  ["builtins.set", ([items]): PickleValue => items ?? new PickleList()],
  ["__builtin__.set", ([items]): PickleValue => items ?? new PickleList()],
]);

const STORAGE_TYPE =
  /^torch\.(?:(?:cuda\.)?(?:Float|Double|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Storage)$/u;
const UNTYPED_STORAGE = /^torch\.storage\.(?:UntypedStorage|_UntypedStorage|TypedStorage)$/u;
const DTYPE =
  /^torch\.(?:float(?:16|32|64)|bfloat16|half|float|double|u?int(?:8|16|32|64)|bool|long)$/u;

export function isAllowedGlobal(path: string): boolean {
  return (
    CALLS.has(path) || STORAGE_TYPE.test(path) || UNTYPED_STORAGE.test(path) || DTYPE.test(path)
  );
}

/** The inert value that calling an allowed global stands for. Throws PickleError when it is not callable. */
export function callGlobal(path: string, args: readonly PickleValue[]): PickleValue {
  const call = CALLS.get(path);
  if (call === undefined)
    throw new PickleError(`the pickle calls ${path}, which is no constructor`);
  return call(args);
}

function buildDict([pairs]: readonly PickleValue[]): PickleDict {
  const dict = new PickleDict();
  for (const pair of pairs instanceof PickleList ? pairs.items : []) {
    const [key, value] =
      pair instanceof PickleTuple || pair instanceof PickleList ? pair.items : [];
    setEntry(dict, key ?? null, value ?? null);
  }
  return dict;
}

export function setEntry(dict: PickleDict, key: PickleValue, value: PickleValue): void {
  if (typeof key !== "string" && typeof key !== "number") {
    throw new PickleError("expected dictionary keys to be strings or integers");
  }
  dict.entries.set(key, value);
}

/** `_rebuild_tensor(_v2)(storage, offset, size, stride, …)`. */
function buildTensor([storage, offset, size, strides]: readonly PickleValue[]): PickleTensor {
  if (!(storage instanceof PickleStorage)) {
    throw new PickleError("expected a tensor to name its storage by a persistent id");
  }
  return new PickleTensor({
    storage,
    offset: toIndex(offset, "storage offset"),
    shape: toIndices(size, "shape"),
    strides: toIndices(strides, "strides"),
  });
}

function toIndices(value: PickleValue | undefined, what: string): number[] {
  if (!(value instanceof PickleTuple) && !(value instanceof PickleList)) {
    throw new PickleError(`expected a tensor's ${what} to be a tuple of integers`);
  }
  if (value.items.length > 8) throw new PickleError(`expected at most 8 dimensions in ${what}`);
  return value.items.map((item) => toIndex(item, what));
}

export function toIndex(value: PickleValue | undefined, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new PickleError(
      `expected ${what} to be a whole number from 0, received ${JSON.stringify(value)}`,
    );
  }
  return value;
}

/** Protocol 2 writes bytes as `_codecs.encode(text, "latin1")`. */
function encodeText([text]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== "string") throw new PickleError("expected _codecs.encode to be given text");
  return Buffer.from(text, "latin1");
}

/** Checkpoints carry metrics (val_acc) as numpy scalars; only floats and integers of 8 bytes and below matter. */
function readNumpyScalar([dtype, bytes]: readonly PickleValue[]): PickleValue {
  if (!(dtype instanceof PickleOpaque) || !(bytes instanceof Uint8Array)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype.path === "numpy.dtype:f8" && bytes.length === 8) return view.getFloat64(0, true);
  if (dtype.path === "numpy.dtype:f4" && bytes.length === 4) return view.getFloat32(0, true);
  if (dtype.path === "numpy.dtype:i8" && bytes.length === 8)
    return Number(view.getBigInt64(0, true));
  return null;
}
