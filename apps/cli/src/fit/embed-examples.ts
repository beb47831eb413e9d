import { ModelError } from "@sluice/models";
import { averageViews } from "@sluice/inference";
import type { PictureModel, Pixels } from "../pictures/picture-model.ts";
import type { Example, SkippedPicture } from "./read-examples.ts";

export interface Embedded {
  /** `[examples, dimension]`, row-major. */
  readonly features: Float64Array;
  readonly dimension: number;
  /** Those that have a row, in order. */
  readonly examples: readonly Example[];
  readonly skipped: readonly SkippedPicture[];
}

export interface EmbedOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Decoded at once and run together; more would only take memory. */
const BATCH = 16;

/**
 * Runs pictures through a model up to its embeddings. What cannot be decoded is left out and said.
 *
 * @throws ModelError when the model gives no embeddings
 */
export async function embedExamples(
  examples: readonly Example[],
  model: PictureModel,
  { signal, onProgress }: EmbedOptions,
): Promise<Embedded> {
  refuseWithoutEmbeddings(model);
  return await runExamples(examples, model, { output: "embeddings", signal, onProgress });
}

/** Runs pictures through a model up to one of its outputs. What cannot be decoded is left out and said. */
export async function runExamples(
  examples: readonly Example[],
  model: PictureModel,
  { output, signal, onProgress }: EmbedOptions & { output: "embeddings" | "probabilities" },
): Promise<Embedded> {
  const rows: { readonly example: Example; readonly embedding: Float32Array }[] = [];
  const skipped: SkippedPicture[] = [];
  for (let start = 0; start < examples.length; start += BATCH) {
    signal.throwIfAborted();
    const batch = await prepareBatch(examples.slice(start, start + BATCH), model);
    skipped.push(...batch.skipped);
    for (const { example, embedding } of await embedBatch(batch.ready, model, output)) {
      if (embedding.every(Number.isFinite)) rows.push({ example, embedding });
      else skipped.push(...leaveOut(example, `its ${output} are not finite`));
    }
    onProgress(Math.min(start + BATCH, examples.length));
  }
  const dimension = rows[0]?.embedding.length ?? 0;
  const features = new Float64Array(rows.length * dimension);
  for (const [row, { embedding }] of rows.entries()) features.set(embedding, row * dimension);
  return { features, dimension, examples: rows.map(({ example }) => example), skipped };
}

function refuseWithoutEmbeddings({ outputNames, directory }: PictureModel): void {
  if (outputNames.includes("embeddings")) return;
  throw new ModelError(
    directory.onnxPath,
    "gives no embeddings to fit on; take a model that `sluice models build` or `sluice models pull torchvision:…` made, for example torchvision:efficientnet_b0",
  );
}

interface Ready {
  readonly example: Example;
  readonly pixels: Pixels;
}

async function prepareBatch(
  examples: readonly Example[],
  model: PictureModel,
): Promise<{ ready: readonly Ready[]; skipped: readonly SkippedPicture[] }> {
  const prepared = await Promise.all(
    examples.map(async (example) => ({ example, pixels: await prepare(example.path, model) })),
  );
  return {
    ready: prepared.flatMap(({ example, pixels }) =>
      pixels instanceof Uint8Array ? [{ example, pixels }] : [],
    ),
    skipped: prepared.flatMap(({ example, pixels }) =>
      pixels instanceof Uint8Array ? [] : leaveOut(example, pixels.reason),
    ),
  };
}

/** Every file of that content, since none is left out silently. */
function leaveOut({ path, copies }: Example, reason: string): readonly SkippedPicture[] {
  return [path, ...copies.map((copy) => copy.path)].map((file) => ({ path: file, reason }));
}

async function prepare(path: string, model: PictureModel): Promise<Pixels | { reason: string }> {
  try {
    const pixels = await model.prepare(path);
    return pixels instanceof Uint8Array
      ? pixels
      : { reason: `${pixels.reason} (${pixels.detail})` };
  } catch (error) {
    // Files of a folder that is in use come and go; anything but that is a fault.
    if (error instanceof Error && "syscall" in error) return { reason: String(error) };
    throw error;
  }
}

async function embedBatch(
  ready: readonly Ready[],
  model: PictureModel,
  output: "embeddings" | "probabilities",
): Promise<readonly { example: Example; embedding: Float32Array }[]> {
  if (ready.length === 0) return [];
  const outputs = await model.run(
    ready.map(({ pixels }) => pixels),
    [output],
  );
  const embeddings = outputs.get(output);
  if (embeddings === undefined) throw new Error(`the session gave no float32 ${output}`);
  const rows = ready.length * model.views;
  const dimension = embeddings.data.length / rows;
  const views = Array.from({ length: rows }, (_, row) => [
    embeddings.data.slice(row * dimension, (row + 1) * dimension),
  ]);
  return averageViews(views, model.views).flatMap(([embedding], i) => {
    const example = ready[i]?.example;
    return example === undefined || embedding === undefined ? [] : [{ example, embedding }];
  });
}
