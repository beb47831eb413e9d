import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { WorkerConfig } from "@sluice/config";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import type { LoadedEnsemble } from "@sluice/models";
import type { Input } from "../classify/list-inputs.ts";
import { LocalEngine } from "../classify/local-engine.ts";

export interface PictureFigure {
  readonly images: number;
  readonly imagesPerSecond: number;
  /** CPU time of the whole process for each image, in milliseconds. */
  readonly cpuMsPerImage: number;
}

/** Reading, decoding and resizing alone, as many at a time as the engine does. */
export async function benchDecode(
  inputs: readonly Input[],
  { specs, ensemble: { frames } }: LoadedEnsemble,
  settings: WorkerConfig,
): Promise<PictureFigure> {
  hardenDecoder();
  const decoder = createImageDecoder({ ...settings, specs, frames });
  return await measure(inputs.length, async () => {
    const waiting = inputs.values();
    const work = async (): Promise<void> => {
      for (const { path } of waiting) await decoder.decode(await readFile(path));
    };
    const atATime = settings.decodeConcurrency || availableParallelism() + 1;
    await Promise.all(Array.from({ length: atATime }, work));
  });
}

/** The engine's whole pipeline in this process: read, decode, batch, infer, fuse; nothing is remembered. */
export async function benchPipeline(
  inputs: readonly Input[],
  {
    loaded,
    settings,
    signal,
  }: { loaded: LoadedEnsemble; settings: WorkerConfig; signal: AbortSignal },
): Promise<PictureFigure> {
  await using engine = await LocalEngine.start(loaded, { ...settings, cacheEntries: 0 });
  return await measure(inputs.length, async () => {
    for await (const result of engine.classify(inputs, signal)) void result;
  });
}

async function measure(images: number, run: () => Promise<void>): Promise<PictureFigure> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await run();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    images,
    imagesPerSecond: images / seconds,
    cpuMsPerImage: (user + system) / 1000 / images,
  };
}
