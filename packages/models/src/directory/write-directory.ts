import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageSettings } from "../architectures/architecture.ts";
import { ModelError } from "../model-error.ts";

export interface ModelContent {
  readonly architecture: string;
  readonly labels: readonly string[];
  readonly image: ImageSettings;
  readonly onnx: Buffer;
}

/**
 * Writes a model directory in the layout that Hugging Face uses for image classification. It is made beside its
 * place and moved there when it is whole; an earlier one is replaced, and nothing partial is left behind.
 */
export async function writeModelDirectory(folder: string, content: ModelContent): Promise<void> {
  const building = `${folder}.${process.pid}.tmp`;
  const replaced = `${folder}.${process.pid}.old`;
  try {
    await mkdir(join(building, "onnx"), { recursive: true });
    await writeFile(join(building, "config.json"), json(configOf(content)));
    await writeFile(
      join(building, "preprocessor_config.json"),
      json(preprocessorOf(content.image)),
    );
    await writeFile(join(building, "onnx", "model.onnx"), content.onnx);
    await mkdir(dirname(folder), { recursive: true });
    await rename(folder, replaced).catch(ignoreMissing);
    await rename(building, folder);
  } catch (error) {
    throw new ModelError(folder, `the model directory could not be written (${String(error)})`, {
      cause: error,
    });
  } finally {
    await rm(building, { recursive: true, force: true });
    await rm(replaced, { recursive: true, force: true });
  }
}

function ignoreMissing(error: unknown): void {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
  throw error;
}

function configOf({ architecture, labels, image }: ModelContent): object {
  return {
    architectures: [architecture],
    model_type: architecture,
    problem_type: "single_label_classification",
    num_labels: labels.length,
    image_size: image.crop,
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
  };
}

/** `resample` as PIL numbers it: 2 bilinear, 3 bicubic. */
function preprocessorOf(image: ImageSettings): object {
  return {
    image_processor_type: "ViTFeatureExtractor",
    do_resize: true,
    size: { shortest_edge: image.resize },
    resample: image.interpolation === "bicubic" ? 3 : 2,
    do_center_crop: true,
    crop_size: { height: image.crop, width: image.crop },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [...image.mean],
    image_std: [...image.std],
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
