import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { z } from "zod";
import { ModelError } from "../model-error.ts";
import { PRECISION_FILES, type Precision } from "./precision.ts";
import { preprocessorSchema, toPreprocessing, type Preprocessing } from "./preprocessor-config.ts";

/** What a model directory holds beside its networks, relative to it. */
const FILES = { config: "config.json", preprocessor: "preprocessor_config.json" } as const;

const configSchema = z.object({
  id2label: z.record(z.string().regex(/^\d+$/u), z.string().min(1)),
});

export interface ModelDirectory {
  readonly folder: string;
  readonly onnxPath: string;
  /** In the order of class ids. */
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  /** SHA-256 over config, preprocessor and network: the identity of the model, wherever it lies. */
  readonly digest: Sha256;
}

/**
 * Reads a model directory in the Hugging Face layout, ours or any public ONNX image classifier's.
 *
 * @param precision which of its networks; each is a model with a digest of its own
 *
 * @throws ModelError naming the file: absent, not JSON, without labels, with a preprocessing that is not done here
 */
export async function readModelDirectory(
  folder: string,
  precision: Precision = "float32",
): Promise<ModelDirectory> {
  const configPath = join(folder, FILES.config);
  const config = await readJson(configPath, {
    schema: configSchema,
    hint: 'id2label must map each class id to its label, for example {"0": "cat", "1": "dog"}',
  });
  const preprocessor = await readJson(join(folder, FILES.preprocessor), {
    schema: preprocessorSchema,
    hint: "it must say size, resample (2 bilinear or 3 bicubic), image_mean and image_std",
  });
  return {
    folder,
    onnxPath: join(folder, PRECISION_FILES[precision]),
    labels: orderLabels(configPath, config.id2label),
    preprocessing: toPreprocessing(preprocessor),
    digest: await digestOf(folder, precision),
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
      `${problem} (${String(error)}); a model directory holds ${[...Object.values(FILES), PRECISION_FILES.float32].join(", ")}`,
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
  if (count === 0) {
    throw new ModelError(
      path,
      "id2label is empty: a model without labels cannot be moderated by label",
    );
  }
  return Array.from({ length: count }, (_, id) => {
    const label = id2label[String(id)];
    if (label !== undefined) return label;
    throw new ModelError(
      path,
      `id2label lacks class ${id}; expected all ids from 0 to ${count - 1}`,
    );
  });
}

const MAKE_VARIANT = "`sluice models build --fp16` or `--int8` writes it beside the float model";

/** The same for a copy of the directory under any other path. */
async function digestOf(folder: string, precision: Precision): Promise<Sha256> {
  const hash = createHash("sha256");
  for (const name of [...Object.values(FILES), PRECISION_FILES[precision]]) {
    const path = join(folder, name);
    hash.update(`/${name}\n`);
    try {
      await pipeline(createReadStream(path), async (chunks) => {
        for await (const chunk of chunks) hash.update(chunk);
      });
    } catch (error) {
      const remedy = name === PRECISION_FILES.float32 ? "" : `; ${MAKE_VARIANT}`;
      throw new ModelError(path, `cannot be read (${String(error)})${remedy}`, { cause: error });
    }
  }
  return sha256Schema.parse(hash.digest("hex"));
}
