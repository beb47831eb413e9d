import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ImageSettings } from "../architectures/architecture.ts";
import { ModelError } from "../model-error.ts";
import type { Parts } from "../onnx/wire.ts";

export interface ModelContent {
  readonly architecture: string;
  readonly labels: readonly string[];
  readonly image: ImageSettings;
  /** The ONNX file, in parts. */
  readonly onnx: Parts;
  readonly complete?: Completion | undefined;
}

/** Adds files to a directory while it is not in its place yet. */
export type Completion = (folder: string) => Promise<void>;

/** The files of a model directory by their names relative to it. */
export type ModelFiles = Readonly<Record<string, string | Parts>>;

/**
 * Writes a model directory in the layout that Hugging Face uses for image classification.
 *
 * @throws ModelError as `writeModelFiles` does
 */
export async function writeModelDirectory(folder: string, content: ModelContent): Promise<void> {
  const files = {
    "config.json": json(configOf(content)),
    "preprocessor_config.json": json(preprocessorOf(content.image)),
    "onnx/model.onnx": content.onnx,
  };
  await writeModelFiles(folder, files, content.complete);
}

/**
 * Writes the files of a model directory. It is made beside its place and moved there when it is whole; an earlier one is
 * replaced, and nothing partial is left behind.
 *
 * @throws ModelError when it cannot be written, or when the place holds anything but an earlier model directory;
 *   whatever `complete` throws
 */
export async function writeModelFiles(
  folder: string,
  files: ModelFiles,
  complete?: Completion,
): Promise<void> {
  const place = resolve(folder);
  const building = `${place}.${randomUUID()}.tmp`;
  try {
    await explained(place, refuseOtherContent(place));
    await explained(place, writeFiles(building, files));
    await complete?.(building);
    await explained(place, replaceFolder(place, building));
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function explained(place: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(place, `the model directory could not be written (${String(error)})`, {
      cause: error,
    });
  }
}

/** What model directories on the hub hold beside the three files of ours. */
const KNOWN = new Set(["config.json", "preprocessor_config.json", "onnx", "README.md"]);

/** Replacing a folder deletes it: never one that somebody named by mistake. */
async function refuseOtherContent(place: string): Promise<void> {
  const entries = await readdir(place).catch(emptyIfMissing);
  const foreign = entries.filter((name) => !KNOWN.has(name));
  if (foreign.length === 0) return;
  throw new ModelError(
    place,
    `holds ${foreign.slice(0, 3).join(", ")}, so it is no model directory that could be replaced; name a new folder`,
  );
}

async function writeFiles(folder: string, files: ModelFiles): Promise<void> {
  await mkdir(join(folder, "onnx"), { recursive: true });
  for (const [name, data] of Object.entries(files)) {
    await writeFile(join(folder, name), data, { flush: true });
  }
}

/** Two renames, since no folder can be renamed onto a full one; the earlier content is put back if the second fails. */
async function replaceFolder(place: string, building: string): Promise<void> {
  const replaced = `${place}.${randomUUID()}.old`;
  await mkdir(dirname(place), { recursive: true });
  const isReplacing = await rename(place, replaced).then(() => true, falseIfMissing);
  try {
    await rename(building, place);
  } catch (error) {
    if (isReplacing) await rename(replaced, place);
    throw error;
  }
  await rm(replaced, { recursive: true, force: true });
}

function emptyIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function falseIfMissing(error: unknown): false {
  if (isMissing(error)) return false;
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * transformers.js knows a fixed list of types and refuses others ("Unsupported model type"). For all of them its image
 * classifiers do the same, `pixel_values` in and `logits` out, so one of the list stands for every architecture here;
 * which it really is, `architectures` says.
 */
const MODEL_TYPE = "resnet";

function configOf({ architecture, labels, image }: ModelContent): object {
  return {
    architectures: [architecture],
    model_type: MODEL_TYPE,
    problem_type: "single_label_classification",
    num_labels: labels.length,
    image_size: image.crop,
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
  };
}

/** `resample` as PIL numbers it: 2 bilinear, 3 bicubic. */
function preprocessorOf(image: ImageSettings): object {
  const square = { height: image.crop, width: image.crop };
  return {
    image_processor_type: "ViTFeatureExtractor",
    do_resize: true,
    ...(image.fit === "stretch" ? { size: square } : { size: { shortest_edge: image.resize } }),
    resample: image.interpolation === "bicubic" ? 3 : 2,
    do_center_crop: image.fit !== "stretch",
    crop_size: square,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [...image.mean],
    image_std: [...image.std],
  };
}

/** As the configuration files of model directories are written. */
export function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
