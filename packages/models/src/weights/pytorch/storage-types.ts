import type { TensorDtype } from "../stored-tensor.ts";

const BY_STORAGE: ReadonlyMap<string, TensorDtype> = new Map([
  ["DoubleStorage", "F64"],
  ["FloatStorage", "F32"],
  ["HalfStorage", "F16"],
  ["BFloat16Storage", "BF16"],
  ["LongStorage", "I64"],
  ["IntStorage", "I32"],
  ["ShortStorage", "I16"],
  ["CharStorage", "I8"],
  ["ByteStorage", "U8"],
  ["BoolStorage", "BOOL"],
]);

/** The dtype of a torch storage class, undefined for quantised, complex and untyped storages. */
export function dtypeOfStorage(type: string): TensorDtype | undefined {
  return BY_STORAGE.get(type);
}
