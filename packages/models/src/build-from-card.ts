import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema } from "@sluice/contracts";
import { z } from "zod";
import { buildModelDirectory, type ModelPlan } from "./build-model.ts";
import { ModelError } from "./model-error.ts";

const side = z.number().int().positive().max(4096);
const level = z.number();
const deviation = z.number().positive();

/** What lies beside trained weights and says how to build them. */
const cardSchema = z.object({
  architecture: z.string().min(1),
  labels: z.array(z.string().min(1)).min(1),
  image: z
    .object({
      resize: side,
      crop: side,
      interpolation: z.enum(["bilinear", "bicubic"]),
      mean: z.tuple([level, level, level]),
      std: z.tuple([deviation, deviation, deviation]),
    })
    .refine(({ resize, crop }) => crop <= resize, "crop must not be larger than resize"),
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
  await buildModelDirectory({ ...(await readModelCard(cardPath)), outDir });
}

/** What a card says is to be built. @throws ModelError as `buildFromCard` does */
export async function readModelCard(cardPath: string): Promise<ModelPlan> {
  const card = cardSchema.safeParse(await readJson(cardPath));
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
  return { architecture, weightsPath, labels, image };
}

async function readJson(path: string): Promise<unknown> {
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
