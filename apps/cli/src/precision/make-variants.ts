import { describeRuntime, openToolSession } from "@sluice/inference-onnx";
import { writeVariants, type VariantProgress, type VariantReport } from "@sluice/models";
import { openPictureModel, type PictureModel } from "../pictures/picture-model.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { PrecisionRequest } from "./precision-options.ts";
import { samplePictures, type Samples } from "./sample-pictures.ts";

/**
 * Makes the variants of a model directory from a folder of pictures, and writes them into it.
 *
 * @throws CliError when the pictures do not do, ModelError and QuantizationIncompleteError when the model does not
 */
export async function makeVariants(
  modelFolder: string,
  request: PrecisionRequest,
  terminal: Terminal,
): Promise<readonly VariantReport[]> {
  const samples = await readSamples(modelFolder, request, terminal);
  if (samples.unreadable > 0) {
    terminal.say(
      `${samples.unreadable} files of ${request.picturesFolder} could not be decoded and were left out`,
    );
  }
  const reports = await writeVariants({
    ...request,
    ...samples,
    folder: modelFolder,
    openGraph: openToolSession,
    runtime: await describeRuntime(),
    now: () => performance.now(),
    onProgress: (progress) => terminal.showProgress(describeProgress(progress)),
  });
  terminal.clearProgress();
  return reports;
}

async function readSamples(
  modelFolder: string,
  request: PrecisionRequest,
  terminal: Terminal,
): Promise<Samples> {
  await using model = await openPictureModel(modelFolder);
  return await samplePictures({
    folder: request.picturesFolder,
    heldOutPictures: request.heldOutPictures,
    calibrationPictures: request.calibrationPictures,
    prepare: async (path) => await preparePixels(model, path),
    onProgress: (done, total) => terminal.showProgress(`decoding pictures ${done}/${total}`),
  });
}

async function preparePixels(model: PictureModel, path: string): Promise<Uint8Array | null> {
  const prepared = await model.prepare(path);
  return prepared instanceof Uint8Array ? prepared : null;
}

function describeProgress({ variant, step, done, total }: VariantProgress): string {
  const count = step === "observing" ? ` ${done}/${total}` : ` on ${total} held-out pictures`;
  return `${variant}: ${step}${count}`;
}
