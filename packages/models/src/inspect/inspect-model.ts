import { open, stat } from "node:fs/promises";
import { ModelError } from "../model-error.ts";
import { inspectDirectory, type DirectoryReport } from "./inspect-directory.ts";
import { inspectOnnx, type OnnxReport } from "./inspect-onnx.ts";
import { inspectWeights, type WeightsReport } from "./inspect-weights.ts";

export type ModelReport =
  | ({ readonly kind: "weights" } & WeightsReport)
  | ({ readonly kind: "onnx" } & OnnxReport)
  | ({ readonly kind: "directory" } & DirectoryReport);

/**
 * What a weights file, an ONNX file or a model directory is.
 *
 * @throws ModelError, WeightsFileError when it is none of them, or damaged
 */
export async function inspectModel(path: string): Promise<ModelReport> {
  if (await isFolder(path)) return { kind: "directory", ...(await inspectDirectory(path)) };
  if (await looksLikeOnnx(path)) return { kind: "onnx", ...(await inspectOnnx(path)) };
  return { kind: "weights", ...(await inspectWeights(path)) };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new ModelError(path, `cannot be read (${String(error)}); name a file or a folder`, {
      cause: error,
    });
  }
}

/** A ModelProto begins with its IR version, field 1; a safetensors file has `{` behind a length of eight bytes. */
async function looksLikeOnnx(path: string): Promise<boolean> {
  const head = Buffer.alloc(9);
  await using file = await open(path, "r");
  await file.read(head, 0, head.length, 0);
  return path.endsWith(".onnx") || (head[0] === 0x08 && head[8] !== 0x7b);
}
