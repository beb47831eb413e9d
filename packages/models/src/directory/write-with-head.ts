import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ModelError } from "../model-error.ts";
import { replaceHead } from "../onnx/replace-head.ts";
import type { ModelDirectory } from "./read-directory.ts";
import { json, writeModelFiles } from "./write-directory.ts";

export interface HeadOptions {
  /** In the order of the classes. */
  readonly labels: readonly string[];
  /** `[labels, dimension of the embeddings]`, row-major. */
  readonly weights: Float32Array;
  /** `[labels]` */
  readonly bias: Float32Array;
  readonly outDir: string;
}

/**
 * Writes a copy of a model directory whose last layer is another: its own labels, logits from the model's embeddings; the
 * preprocessing and the rest of the network as they are.
 *
 * @throws ModelError when the model gives no embeddings, they do not fit, or the directory cannot be written
 */
export async function writeWithHead(
  base: ModelDirectory,
  { labels, weights, bias, outDir }: HeadOptions,
): Promise<void> {
  const onnx = await read(base.onnxPath);
  const config = await read(join(base.folder, "config.json"));
  const head = { embeddings: "embeddings", weights, bias, file: base.onnxPath };
  await writeModelFiles(outDir, {
    "config.json": json(relabel(config, labels)),
    "preprocessor_config.json": [await read(join(base.folder, "preprocessor_config.json"))],
    "onnx/model.onnx": replaceHead(onnx, head),
  });
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
  }
}

/** What timm's and transformers' configurations say about classes; left as they were they would contradict the labels. */
const ABOUT_CLASSES = new Set([
  "id2label",
  "label2id",
  "num_labels",
  "num_classes",
  "label_names",
  "label_descriptions",
]);

function relabel(config: Buffer, labels: readonly string[]): object {
  const parsed = z.record(z.string(), z.unknown()).parse(JSON.parse(config.toString("utf8")));
  const kept = Object.entries(parsed).filter(([name]) => !ABOUT_CLASSES.has(name));
  return {
    ...Object.fromEntries(kept),
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, id) => [String(id), label])),
    label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
  };
}
