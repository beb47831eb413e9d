import { LocalEngine } from "../classify/local-engine.ts";
import { startQueue, type QueueOptions } from "./bench-queue.ts";
import { median } from "./statistics.ts";
import type { LoadedEnsemble } from "@sluice/models";

export interface QueueFigure {
  /** Of one round. */
  readonly images: number;
  /** One entry a round. */
  readonly rounds: readonly {
    readonly pipelineImagesPerSecond: number;
    readonly queueImagesPerSecond: number;
  }[];
  /** Median over the rounds. */
  readonly imagesPerSecond: number;
  /** Median over the rounds of: through Redis over in one process. */
  readonly ratio: number;
}

export interface QueueComparison extends QueueOptions {
  readonly loaded: LoadedEnsemble;
  readonly rounds: number;
}

/**
 * The same pictures in turn through the pipeline in this process and through ingest, Redis, worker and moderation, so that a machine
 * that others use, too, is as fast for one as for the other. Which is first changes from round to round.
 */
export async function compareWithQueue(comparison: QueueComparison): Promise<QueueFigure> {
  const { loaded, inputs, settings, signal } = comparison;
  await using engine = await LocalEngine.start(loaded, { ...settings, cacheEntries: 0 });
  await using queue = await startQueue(comparison);
  const { pictures } = queue;
  const images = pictures.length;
  const inProcess = async (): Promise<number> => {
    const startedAt = performance.now();
    for await (const result of engine.classify(pictures, signal)) void result;
    return (1000 * images) / (performance.now() - startedAt);
  };
  await queue.measure(inputs.length); // the first images pay for what is loaded when it is needed
  const rounds: QueueFigure["rounds"][number][] = [];
  for (let round = 0; round < comparison.rounds; round++) {
    const early = round % 2 === 0 ? await inProcess() : null;
    const queueImagesPerSecond = await queue.measure(images);
    const pipelineImagesPerSecond = early ?? (await inProcess());
    rounds.push({ pipelineImagesPerSecond, queueImagesPerSecond });
  }
  return {
    images,
    rounds,
    imagesPerSecond: median(rounds.map((round) => round.queueImagesPerSecond)),
    ratio: median(
      rounds.map((round) => round.queueImagesPerSecond / round.pipelineImagesPerSecond),
    ),
  };
}
