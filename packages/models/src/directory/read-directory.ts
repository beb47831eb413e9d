import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { z } from "zod";
import { ModelError } from "../model-error.ts";

const channels = z.tuple([z.number(), z.number(), z.number()]);
const side = z.number().int().positive().max(4096);
const edgesSchema = z.union([
  side,
  z.object({ shortest_edge: side }),
  z.object({ height: side, width: side }),
]);

const configSchema = z.object({
  id2label: z.record(z.string().regex(/^\d+$/u), z.string().min(1)),
});

const preprocessorSchema = z.object({
  do_resize: z.boolean().default(true),
  size: edgesSchema.optional(),
  /** PIL: 2 bilinear, 3 bicubic; others have no equal in the decoder. */
  resample: z.union([z.literal(2), z.literal(3)]).default(2),
  do_center_crop: z.boolean().default(false),
  crop_size: edgesSchema.optional(),
  crop_pct: z.number().gt(0).max(1).nullish(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: channels.default([0.5, 0.5, 0.5]),
  image_std: channels.default([0.5, 0.5, 0.5]),
});

/** How a decoded picture becomes the model's input. */
export interface Preprocessing {
  /** `shortest-edge`: the shorter side becomes `resize`, then the middle is cut out; `stretch`: both sides become the crop. */
  readonly fit: "shortest-edge" | "stretch";
  readonly resize: number;
  readonly cropHeight: number;
  readonly cropWidth: number;
  readonly interpolation: "bilinear" | "bicubic";
  /** value = (byte * rescale − mean) / std, per channel red, green, blue. */
  readonly rescale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface ModelDirectory {
  readonly folder: string;
  readonly onnxPath: string;
  /** In the order of class ids. */
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  /** SHA-256 over config, preprocessor and network: the identity of the model. */
  readonly digest: Sha256;
}

/**
 * Reads a model directory in the Hugging Face layout, ours or any public ONNX image classifier's.
 *
 * @throws ModelError naming the file: absent, not JSON, without labels, with a resampling the decoder does not have
 */
export async function readModelDirectory(folder: string): Promise<ModelDirectory> {
  const configPath = join(folder, "config.json");
  const preprocessorPath = join(folder, "preprocessor_config.json");
  const onnxPath = join(folder, "onnx", "model.onnx");
  const config = await readJson(configPath, {
    schema: configSchema,
    hint: 'id2label must map each class id to its label, for example {"0": "cat", "1": "dog"}',
  });
  const preprocessor = await readJson(preprocessorPath, {
    schema: preprocessorSchema,
    hint: "it must say size, resample (2 bilinear or 3 bicubic), image_mean and image_std",
  });
  return {
    folder,
    onnxPath,
    labels: orderLabels(configPath, config.id2label),
    preprocessing: toPreprocessing(preprocessorPath, preprocessor),
    digest: await digestOf([configPath, preprocessorPath, onnxPath], folder),
  };
}

async function readJson<T>(
  path: string,
  { schema, hint }: { schema: z.ZodType<T>; hint: string },
): Promise<T> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const problem = error instanceof SyntaxError ? "not valid JSON" : "cannot be read";
    throw new ModelError(
      path,
      `${problem} (${String(error)}); a model directory holds config.json, preprocessor_config.json and onnx/model.onnx`,
      { cause: error },
    );
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
  throw new ModelError(path, `${problems}; ${hint}`);
}

function orderLabels(path: string, id2label: Readonly<Record<string, string>>): string[] {
  const count = Object.keys(id2label).length;
  if (count === 0)
    throw new ModelError(
      path,
      "id2label is empty: a model without labels cannot be moderated by label",
    );
  return Array.from({ length: count }, (_, id) => {
    const label = id2label[String(id)];
    if (label !== undefined) return label;
    throw new ModelError(
      path,
      `id2label lacks class ${id}; expected all ids from 0 to ${count - 1}`,
    );
  });
}

function toPreprocessing(path: string, config: z.infer<typeof preprocessorSchema>): Preprocessing {
  const size = config.size ?? config.crop_size;
  if (size === undefined)
    throw new ModelError(path, "size is missing: the input size is not known");
  const crop = config.do_center_crop ? (config.crop_size ?? size) : size;
  const [cropHeight, cropWidth] = sidesOf(crop);
  const isStretched = typeof size === "object" && "height" in size && !config.do_center_crop;
  const [resize] = sidesOf(size);
  return {
    fit: isStretched && (config.crop_pct ?? null) === null ? "stretch" : "shortest-edge",
    resize: Math.floor(resize / (config.do_center_crop ? 1 : (config.crop_pct ?? 1))),
    cropHeight,
    cropWidth,
    interpolation: config.resample === 3 ? "bicubic" : "bilinear",
    rescale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
  };
}

function sidesOf(edges: z.infer<typeof edgesSchema>): [height: number, width: number] {
  if (typeof edges === "number") return [edges, edges];
  if ("shortest_edge" in edges) return [edges.shortest_edge, edges.shortest_edge];
  return [edges.height, edges.width];
}

async function digestOf(paths: readonly string[], folder: string): Promise<Sha256> {
  const hash = createHash("sha256");
  for (const path of paths) {
    hash.update(`${path.slice(folder.length)}\n`);
    try {
      await pipeline(createReadStream(path), async (chunks) => {
        for await (const chunk of chunks) hash.update(chunk);
      });
    } catch (error) {
      throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
    }
  }
  return sha256Schema.parse(hash.digest("hex"));
}
