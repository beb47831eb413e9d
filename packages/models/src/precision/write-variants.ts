import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import type { Preprocessing } from "../directory/preprocessor-config.ts";
import { readModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import type { CalibrationMethod } from "./choose-range.ts";
import { compareOutputs } from "./compare-outputs.ts";
import type { OpenGraph } from "./graph-session.ts";
import { makeHalf } from "./make-half.ts";
import { makeQuantized } from "./make-quantized.ts";
import { measureSpeed } from "./measure-speed.ts";
import { readOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";
import { openVariant } from "./open-variant.ts";
import type { WeightBits } from "./quantize-weights.ts";
import { scorePictures } from "./score-pictures.ts";
import { VARIANT_FILES, type Variant } from "./variant.ts";
import type { SampleFacts, VariantReport } from "./variant-report.ts";

/** Decoded pictures: uint8 RGB rows, resized and cropped as the model's card says. */
export interface PictureSample {
  readonly pixels: readonly Uint8Array[];
  /** SHA-256 over the SHA-256 of each file, in order. */
  readonly digest: Sha256;
}

export interface VariantsRequest {
  /** A model directory of our own building. */
  readonly folder: string;
  readonly variants: readonly Variant[];
  readonly calibration: PictureSample;
  /** None of those of `calibration`. */
  readonly heldOut: PictureSample;
  /** `auto` tries them all on the calibration pictures. */
  readonly method: CalibrationMethod | "auto";
  readonly weightBits: WeightBits;
  /** Probability from which on a class counts as decided, 0–1. */
  readonly decisionThreshold: number;
  /** Accept an int8 network with layers that ONNX Runtime computes in float32. */
  readonly allowPartial: boolean;
  readonly openGraph: OpenGraph;
  /** Name and version of what `openGraph` runs graphs with. */
  readonly runtime: string;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly onProgress: (progress: VariantProgress) => void;
}

export interface VariantProgress {
  readonly variant: Variant;
  readonly step: "observing" | "comparing";
  /** Pictures that are done in this step, and in all. */
  readonly done: number;
  readonly total: number;
}

/**
 * Writes variants of a model and their agreement reports beside it.
 *
 * @throws ModelError when the model cannot be had in fewer bits, QuantizationIncompleteError when int8 would not pay
 */
export async function writeVariants(request: VariantsRequest): Promise<readonly VariantReport[]> {
  const model = await readModelDirectory(request.folder);
  const bytes = await readFile(model.onnxPath);
  const graph = readOnnxGraph(bytes, model.onnxPath);
  const { preprocessing } = model;
  const reports: VariantReport[] = [];
  for (const variant of request.variants) {
    reports.push(await writeVariant({ model: bytes, graph, preprocessing, variant, request }));
  }
  return reports;
}

interface Source {
  /** The float model's file. */
  readonly model: Buffer;
  readonly graph: OnnxGraph;
  readonly preprocessing: Preprocessing;
  readonly variant: Variant;
  readonly request: VariantsRequest;
}

async function writeVariant(source: Source): Promise<VariantReport> {
  const { model, graph, preprocessing, variant, request } = source;
  const { heldOut, decisionThreshold, folder } = request;
  const { onnx, calibration } = await makeVariant(source);
  await using float = await request.openGraph(model);
  await using opened = await openVariant(onnx, { ...request, variant, name: graph.name });
  const pictures = heldOut.pixels;
  request.onProgress({ variant, step: "comparing", done: 0, total: pictures.length });
  const agreement = compareOutputs({
    expected: await scorePictures(float, pictures, preprocessing),
    actual: await scorePictures(opened.session, pictures, preprocessing),
    decisionThreshold,
  });
  const pair = { float, variant: opened.session, pictures, preprocessing };
  const report: VariantReport = {
    version: 1,
    variant,
    file: VARIANT_FILES[variant].onnx,
    ...factsOf(onnx),
    float: factsOf(model),
    calibration,
    heldOut: sampleFacts(heldOut),
    agreement,
    speed: variant === "int8" ? await measureSpeed(pair, request.now) : null,
    operators: opened.operators?.counts ?? null,
    floatLayers: opened.operators?.floatLayers ?? [],
    runtime: request.runtime,
  };
  await writeFile(join(folder, VARIANT_FILES[variant].onnx), onnx, { flush: true });
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeFile(join(folder, VARIANT_FILES[variant].report), text, { flush: true });
  return report;
}

interface MadeVariant {
  readonly onnx: Buffer;
  readonly calibration: VariantReport["calibration"];
}

async function makeVariant(source: Source): Promise<MadeVariant> {
  const { graph, preprocessing, variant, request } = source;
  const { heldOut, calibration, openGraph, weightBits } = request;
  const sample = variant === "int8" ? calibration : heldOut;
  const pictures = sample.pixels;
  if (pictures.length === 0) {
    throw new ModelError(graph.name, `there are no pictures to make ${variant} with`);
  }
  const onProgress = (done: number): void =>
    request.onProgress({ variant, step: "observing", done, total: pictures.length });
  const observation = { graph, pictures, preprocessing, openGraph, onProgress };
  if (variant === "fp16") {
    return { onnx: Buffer.concat(await makeHalf(observation)), calibration: null };
  }
  const made = await makeQuantized({ ...observation, method: request.method, weightBits });
  return {
    onnx: Buffer.concat(made.onnx),
    calibration: { ...sampleFacts(sample), method: made.method, weightBits },
  };
}

function sampleFacts({ pixels, digest }: PictureSample): SampleFacts {
  return { pictures: pixels.length, digest };
}

function factsOf(file: Buffer): { readonly sha256: Sha256; readonly bytes: number } {
  const sha256 = sha256Schema.parse(createHash("sha256").update(file).digest("hex"));
  return { sha256, bytes: file.byteLength };
}
