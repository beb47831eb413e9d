import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { coolHead, fitAndJudge, type ClassWeights, type Judged } from "@sluice/model-fit";
import { writeWithHead } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { openPictureModel, type PictureModel } from "../pictures/picture-model.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import { refuseConflicts, requireEnough } from "./check-examples.ts";
import { embedExamples, type Embedded } from "./embed-examples.ts";
import { describeFit, type FitReport } from "./fit-report.ts";
import { readExamples, type Examples } from "./read-examples.ts";

export interface FitRequest {
  /** Model directory whose embeddings are used. */
  readonly features: string;
  /** Folder with a sub-folder of pictures per label. */
  readonly data: string;
  /** Where the new model directory goes; null: nothing is written. */
  readonly out: string | null;
  readonly heldOut: number;
  readonly seed: number;
  /** Null: cross-validated. */
  readonly l2: number | null;
  readonly classWeights: ClassWeights;
  readonly appliesTemperature: boolean;
  readonly refitsOnAll: boolean;
  readonly maxPictures: number;
}

/**
 * Fits a last layer on a folder of labelled pictures, judges it on those held out, and writes a model directory with it.
 *
 * @throws CliError EXAMPLES_INVALID, ModelError, FitError
 */
export async function fitModel(request: FitRequest, context: CommandContext): Promise<FitReport> {
  refuseSamePlace(request);
  const { data, maxPictures, heldOut, seed, classWeights } = request;
  const { terminal, signal } = context;
  terminal.showProgress("reading the pictures");
  const read = await readExamples(data, { maxPictures, signal });
  const { labels } = read;
  requireEnough(
    data,
    labels,
    read.examples.map(({ label }) => label),
  );
  await using model = await openPictureModel(request.features);
  await refuseConflicts(read.examples, model);
  const embedded = await embedExamples(read.examples, model, {
    signal,
    onProgress: (done) =>
      terminal.showProgress(`${done} of ${read.examples.length} pictures run through the model`),
  });
  sayLeftOut(read, embedded, context);
  requireEnough(
    data,
    labels,
    embedded.examples.map(({ label }) => label),
  );
  const judged = await runSteps(fitAndJudge(toSamples(embedded, labels), request), context);
  if (request.out !== null) await write(model, { judged, labels, request, outDir: request.out });
  terminal.clearProgress();
  return describeFit({
    folder: request.out,
    labels,
    features: {
      folder: request.features,
      digest: model.directory.digest,
      dimension: embedded.dimension,
    },
    settings: { heldOut, seed, classWeights, maxPictures },
    judged,
    examples: embedded.examples,
    skipped: [...read.skipped, ...embedded.skipped],
    isRefitted: request.refitsOnAll,
    appliesTemperature: request.appliesTemperature,
  });
}

/** A fit blocks; between two of them a signal is heard. */
async function runSteps<Result>(
  steps: Generator<void, Result>,
  { terminal, signal }: CommandContext,
): Promise<Result> {
  for (let fits = 0; ; fits++) {
    terminal.showProgress(`fitting, ${fits} fits done`);
    await setImmediate();
    signal.throwIfAborted();
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Also before a failure, which it may explain. */
function sayLeftOut(read: Examples, embedded: Embedded, { terminal }: CommandContext): void {
  for (const { path, reason } of [...read.skipped, ...embedded.skipped]) {
    terminal.say(`left out: ${escapeControls(path)}: ${escapeControls(reason)}`);
  }
  for (const { path, copies } of embedded.examples) {
    for (const copy of copies) {
      terminal.say(`counted once: ${escapeControls(copy.path)} is ${escapeControls(path)} again`);
    }
  }
}

function refuseSamePlace({ features, out }: FitRequest): void {
  if (out === null || resolve(out) !== resolve(features)) return;
  throw new CliError(
    "USAGE",
    "models fit: --out is the folder of --features, which would be replaced; name another",
    { exitCode: EXIT_CODE.usage },
  );
}

function toSamples(
  { features, dimension, examples }: Embedded,
  labels: readonly string[],
): Parameters<typeof fitAndJudge>[0] {
  const ids = new Map(labels.map((label, id) => [label, id]));
  return {
    features,
    dimension,
    labels: Int32Array.from(examples, ({ label }) => ids.get(label) ?? -1),
    classes: labels.length,
  };
}

interface Writing {
  readonly judged: Judged;
  readonly labels: readonly string[];
  readonly request: FitRequest;
  readonly outDir: string;
}

async function write(
  model: PictureModel,
  { judged, labels, request, outDir }: Writing,
): Promise<void> {
  const temperature = request.appliesTemperature ? (judged.temperature?.temperature ?? 1) : 1;
  const { weights, bias } = coolHead(judged.head, temperature);
  await writeWithHead(model.directory, {
    labels,
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
    outDir,
  });
}
