import { ModelLoadError } from "@sluice/inference-onnx";
import { inspectDirectory, ModelError, type DirectoryReport } from "@sluice/models";
import { openPictureModel, type PictureModel, type Pixels } from "../pictures/picture-model.ts";
import { drawProbes } from "./draw-probes.ts";
import { findLabelMistakes } from "./find-label-mistakes.ts";
import { findNetworkMistakes, findScores, fixedBatch } from "./find-network-mistakes.ts";
import { findOutputMistakes } from "./find-output-mistakes.ts";
import { findPreprocessingMistakes } from "./find-preprocessing-mistakes.ts";
import { findUnreportedVariants } from "./find-unreported-variants.ts";
import { finding, type Finding } from "./finding.ts";
import { probeModel, type BatchRefusal, type Probe } from "./probe-model.ts";
import { readRawCard } from "./read-raw-card.ts";

export interface CheckReport {
  readonly folder: string;
  /** Identity of the model; null when its files cannot be read. */
  readonly digest: string | null;
  readonly classes: number | null;
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** What it says of the picture, most probable first; null when it does not run. */
  readonly top: readonly { readonly label: string; readonly probability: number }[] | null;
  /** Milliseconds per picture on this machine's CPU. */
  readonly timing: Probe["timing"] | null;
}

/**
 * Loads a model directory, runs pictures through it and looks for the classic mistakes, also when it does not load.
 *
 * @param picture a file's content, what the model is asked about; a drawing when null
 * @throws ModelError when there is no such folder
 */
export async function checkModel(folder: string, picture: Buffer | null): Promise<CheckReport> {
  const directory = await inspectDirectory(folder);
  const found = await findInFiles(directory);
  const run = await runPictures(directory, picture);
  const blamed = run.failure === null || found.some(isError) ? [] : [blame(run.failure)];
  const all = [...found, ...run.findings, ...blamed];
  const isRefused = all.some(({ code }) => code === "fixed-batch");
  return {
    folder,
    digest: directory.card?.digest ?? null,
    classes: directory.card?.labels.length ?? null,
    findings: all
      .filter(({ code }) => !(isRefused && code === "fixed-batch-declared"))
      .toSorted(bySeverity),
    top: run.top,
    timing: run.timing,
  };
}

async function findInFiles({
  folder,
  card,
  network,
  variants,
}: DirectoryReport): Promise<Finding[]> {
  const { config, preprocessor } = await readRawCard(folder);
  const classes = network === null ? null : (findScores(network)?.shape?.[1] ?? null);
  return [
    ...(config === null ? [] : findLabelMistakes(config, classes)),
    ...findPreprocessingMistakes(preprocessor),
    ...(network === null
      ? []
      : findNetworkMistakes(network, {
          preprocessing: card?.preprocessing ?? null,
          imageSize: config?.image_size ?? null,
        })),
    ...(await findUnreportedVariants(folder, variants)),
  ];
}

interface Run {
  readonly findings: readonly Finding[];
  readonly top: CheckReport["top"];
  readonly timing: CheckReport["timing"];
  /** Why it does not run. */
  readonly failure: Error | null;
}

async function runPictures(directory: DirectoryReport, picture: Buffer | null): Promise<Run> {
  const nothing = { findings: [], top: null, timing: null, failure: null };
  const opened = await openOrFail(directory.folder);
  if (opened instanceof Error) return { ...nothing, failure: opened };
  await using model = opened;
  const prepared = await preparePictures(model, picture);
  if ("code" in prepared) return { ...nothing, findings: [prepared] };
  const scores = directory.network === null ? null : findScores(directory.network);
  const probe = await probeOrFail(model, prepared.pictures, scores?.name ?? "logits");
  if (probe instanceof Error) return { ...nothing, failure: probe };
  if ("reason" in probe) return { ...nothing, findings: [fixedBatch(probe)] };
  return {
    findings: findOutputMistakes(probe.outputs),
    top: topOf(probe.outputs.probabilities[0], model.directory.labels),
    timing: probe.timing,
    failure: null,
  };
}

async function openOrFail(folder: string): Promise<PictureModel | Error> {
  try {
    return await openPictureModel(folder);
  } catch (error) {
    if (error instanceof ModelError || error instanceof ModelLoadError) return error;
    throw error;
  }
}

/** Whatever ONNX Runtime throws while it runs a graph is about the graph: the pictures are ours. */
async function probeOrFail(
  model: PictureModel,
  pictures: readonly Pixels[],
  scores: string,
): Promise<Probe | BatchRefusal | Error> {
  try {
    return await probeModel(model, pictures, scores);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function preparePictures(
  model: PictureModel,
  picture: Buffer | null,
): Promise<{ pictures: readonly Pixels[] } | Finding> {
  const pictures: Pixels[] = [];
  const sources = [...(picture === null ? [] : [picture]), ...drawProbes()];
  for (const source of sources.slice(0, PICTURES)) {
    const pixels = await model.prepare(source);
    if (pixels instanceof Uint8Array) pictures.push(pixels);
    else {
      return finding(
        "picture-unreadable",
        `the picture cannot be decoded (${pixels.reason})`,
        "name another one with --picture",
      );
    }
  }
  return { pictures };
}

const PICTURES = 8;
const TOP = 5;

function topOf(row: Float32Array | undefined, labels: readonly string[]): CheckReport["top"] {
  return [...(row ?? [])]
    .map((probability, id) => ({ label: labels[id] ?? `class ${id}`, probability }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, TOP);
}

function blame(failure: Error): Finding {
  return finding("does-not-load", failure.message, "correct what the message names");
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

function bySeverity(a: Finding, b: Finding): number {
  return ORDER[a.severity] - ORDER[b.severity];
}
