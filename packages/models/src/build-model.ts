import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema } from "@sluice/contracts";
import { z } from "zod";
import {
  defineGraph,
  type Architecture,
  type ImageSettings,
} from "./architectures/architecture.ts";
import { architectures, findArchitecture } from "./architectures/registry.ts";
import { writeModelDirectory } from "./directory/write-directory.ts";
import { foldBatchNorms } from "./graph/fold-batch-norm.ts";
import { listParameters } from "./graph/measure.ts";
import { ModelError } from "./model-error.ts";
import { emitOnnx } from "./onnx/emit-graph.ts";
import { loadParameters, openWeights } from "./weights/load-parameters.ts";

export interface BuildOptions {
  /** Name as `sluice models list` prints it. */
  readonly architecture: string;
  /** safetensors or PyTorch file. */
  readonly weightsPath: string;
  readonly labels: readonly string[];
  /** Preprocessing; the architecture's published one when left out. */
  readonly image?: ImageSettings;
  readonly outDir: string;
  /** Keep batch norms as operations of their own, for checking; by default they are folded. */
  readonly keepBatchNorm?: boolean;
}

/**
 * Builds a model directory from weights. Deterministic: the same inputs give the same bytes.
 *
 * @throws ModelError for an unknown architecture, WeightsFileError when the weights do not fit
 */
export async function buildModelDirectory(options: BuildOptions): Promise<void> {
  const architecture = requireArchitecture(options.architecture);
  const image = options.image ?? architecture.image;
  const graph = defineGraph(architecture, {
    classes: options.labels.length,
    inputSize: image.crop,
  });
  await using file = await openWeights(options.weightsPath);
  const weights = await loadParameters(file, {
    parameters: listParameters(graph),
    ignored: architecture.auxiliary ?? [],
  });
  const whole = { graph, weights };
  const onnx = emitOnnx(
    options.keepBatchNorm === true ? whole : foldBatchNorms(whole),
    architecture.name,
  );
  const { labels } = options;
  await writeModelDirectory(options.outDir, {
    architecture: architecture.name,
    labels,
    image,
    onnx,
  });
}

function requireArchitecture(name: string): Architecture {
  const found = findArchitecture(name);
  if (found !== null) return found;
  const known = architectures.map((architecture) => architecture.name).join(", ");
  throw new ModelError(name, `there is no architecture of this name; known are ${known}`);
}

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** What lies beside trained weights and says how to build them. */
const cardSchema = z.object({
  architecture: z.string().min(1),
  labels: z.array(z.string().min(1)).min(1),
  image: z.object({
    resize: z.number().int().positive(),
    crop: z.number().int().positive(),
    interpolation: z.enum(["bilinear", "bicubic"]),
    mean: triple,
    std: triple,
  }),
  /** File name, relative to the card. */
  weights: z.string().min(1),
  sha256: sha256Schema,
});

/**
 * Builds a model directory from a card and the weights that it names, after checking their SHA-256.
 *
 * @throws ModelError when the card is not one, or the weights are not the ones it was written for
 */
export async function buildFromCard(cardPath: string, outDir: string): Promise<void> {
  const card = cardSchema.safeParse(await readCard(cardPath));
  if (!card.success) {
    const problems = card.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
    throw new ModelError(cardPath, `not a model card (${problems})`);
  }
  const { architecture, labels, image, sha256 } = card.data;
  const weightsPath = resolve(dirname(cardPath), card.data.weights);
  const actual = await hashFile(weightsPath);
  if (actual !== sha256) {
    throw new ModelError(
      weightsPath,
      `its SHA-256 is ${actual}, the card says ${sha256}; fetch the file again`,
    );
  }
  await buildModelDirectory({ architecture, weightsPath, labels, image, outDir });
}

async function readCard(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new ModelError(path, `cannot be read as a model card (${String(error)})`, {
      cause: error,
    });
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
  }
  return hash.digest("hex");
}
