/** Number format of a stored tensor, as safetensors spells it. */
export type TensorDtype =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U8"
  | "BOOL";

export const BYTES_PER_ELEMENT: Readonly<Record<TensorDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** A tensor of a weights file; its numbers stay in the file until they are asked for. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** The elements in row-major order, little-endian, in the stored dtype. */
  readBytes(): Promise<Buffer>;
}

/** An open weights file: dispose it when the tensors have been read. */
export interface WeightsFile extends AsyncDisposable {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What a training checkpoint says besides weights; absent for files that are not PyTorch's. */
  readonly summary?: CheckpointSummary;
}

/** Each is null where the checkpoint says nothing. */
export interface CheckpointSummary {
  readonly epoch: number | null;
  /** Accuracy on validation data as the trainer wrote it: a fraction or a percentage. */
  readonly validationAccuracy: number | null;
  readonly classes: number | null;
}
