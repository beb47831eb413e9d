import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyOnnx, type TinyOnnx } from "./tiny-onnx.ts";

export interface TinyModel {
  readonly config?: object | null;
  readonly preprocessor?: object | null;
  readonly onnx?: Partial<TinyOnnx>;
  /** Further files, by path in the directory. */
  readonly files?: Readonly<Record<string, Buffer | string>>;
}

export const TINY_CONFIG = { id2label: { 0: "red", 1: "green", 2: "blue" } };
export const TINY_PREPROCESSOR = {
  size: { shortest_edge: 5 },
  do_center_crop: true,
  crop_size: { height: 4, width: 4 },
  resample: 2,
  rescale_factor: 1 / 255,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
};

/** Writes a model directory into a new folder below `parent`, sound but for what is changed; null leaves a file out. */
export async function writeTinyModel(parent: string, model: TinyModel = {}): Promise<string> {
  const { config = TINY_CONFIG, preprocessor = TINY_PREPROCESSOR, onnx, files = {} } = model;
  const folder = await mkdtemp(join(parent, "model-"));
  await mkdir(join(folder, "onnx"));
  await writeFile(join(folder, "onnx/model.onnx"), tinyOnnx(onnx));
  if (config !== null) await writeFile(join(folder, "config.json"), JSON.stringify(config));
  if (preprocessor !== null) {
    await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessor));
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}
