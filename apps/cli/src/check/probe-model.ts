import { performance } from "node:perf_hooks";
import type { NumberTensor } from "@sluice/inference-onnx";
import type { PictureModel, Pixels } from "../pictures/picture-model.ts";
import type { ProbedOutputs, Rows } from "./find-output-mistakes.ts";

export interface Probe {
  readonly outputs: ProbedOutputs;
  /** Milliseconds per picture, the median of several runs. */
  readonly timing: { readonly batch1Ms: number; readonly batch8Ms: number };
}

/** The network runs one picture and fails with several. */
export interface BatchRefusal {
  readonly reason: string;
}

/**
 * Runs pictures one by one and all together.
 *
 * @param scores name of the network's own scores among its outputs
 * @throws what ONNX Runtime throws when the network does not run
 */
export async function probeModel(
  model: PictureModel,
  pictures: readonly Pixels[],
  scores: string,
): Promise<Probe | BatchRefusal> {
  const names = [...new Set(["probabilities", scores])];
  const single: ReadonlyMap<string, NumberTensor>[] = [];
  for (const picture of pictures) single.push(await model.run([picture], names));
  const batch = await runTogether(model, pictures);
  if ("reason" in batch) return batch;
  const own = single.flatMap((outputs) => rowsOf(outputs.get(scores)));
  const [first] = pictures;
  return {
    outputs: {
      scores: own.length === pictures.length ? own : null,
      probabilities: single.flatMap((outputs) => rowsOf(outputs.get("probabilities"))),
      batched: rowsOf(batch.get("probabilities")),
    },
    timing: {
      batch1Ms: first === undefined ? 0 : await timePerPicture(model, [first]),
      batch8Ms: await timePerPicture(model, pictures),
    },
  };
}

async function runTogether(
  model: PictureModel,
  pictures: readonly Pixels[],
): Promise<ReadonlyMap<string, NumberTensor> | BatchRefusal> {
  try {
    return await model.run(pictures, ["probabilities"]);
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function rowsOf(tensor: NumberTensor | undefined): Rows {
  if (tensor === undefined || tensor.shape.length !== 2) return [];
  const [count = 0, classes = 0] = tensor.shape;
  return Array.from({ length: count }, (_, i) =>
    tensor.data.subarray(i * classes, (i + 1) * classes),
  );
}

const MOST_RUNS = 5;
/** Large networks are timed by fewer runs. */
const BUDGET_MS = 3000;

async function timePerPicture(model: PictureModel, pictures: readonly Pixels[]): Promise<number> {
  const times: number[] = [];
  let spent = 0;
  while (times.length === 0 || (times.length < MOST_RUNS && spent < BUDGET_MS)) {
    const begin = performance.now();
    await model.run(pictures, ["probabilities"]);
    const took = performance.now() - begin;
    spent += took;
    times.push(took / pictures.length);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
