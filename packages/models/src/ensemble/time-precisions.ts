import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { pixelSpecOf } from "../directory/pixel-spec.ts";
import { readModelDirectory, type ModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import type { PrecisionTimings } from "../precision/choose-fastest.ts";
import type { GraphTimer, TimedGraph } from "../precision/graph-timer.ts";
import type { RefusedVariant } from "../precision/judge-variant.ts";
import { recallTimings, rememberTimings, timingPath } from "../precision/timing-cache.ts";
import type { Variant } from "../precision/variant.ts";
import { cacheGraph } from "./cache-graph.ts";

export interface TimingRequest {
  /** Path of the model directory. */
  readonly folder: string;
  /** To be timed beside float32. */
  readonly variants: readonly Variant[];
  readonly timer: GraphTimer;
  readonly graphCacheDir: string;
  /** Forget what is remembered. */
  readonly isRemeasuring: boolean;
}

export interface TimedPrecisions {
  readonly timings: PrecisionTimings;
  /** Variants that do not run here. */
  readonly failed: readonly RefusedVariant[];
  /** File that remembers the timings; null when they are not remembered. */
  readonly timingFile: string | null;
  /** Whether they were taken just now. */
  readonly isMeasured: boolean;
}

/**
 * Times a model in several precisions on this machine, or recalls how long they took. A variant that does not run is not
 * remembered: what it lacks may be there at the next start.
 *
 * @throws ModelError when a directory cannot be used or float32 does not run
 */
export async function timePrecisions(request: TimingRequest): Promise<TimedPrecisions> {
  const { folder, timer, graphCacheDir } = request;
  const float32 = await readModelDirectory(folder);
  const variants: VariantModel[] = [];
  for (const variant of request.variants) {
    variants.push({ variant, directory: await readModelDirectory(folder, variant) });
  }
  const { conditions } = timer;
  const digests = variants.map(({ variant, directory: { digest } }) => ({ variant, digest }));
  const key = { float32: float32.digest, variants: digests, conditions };
  const timingFile = timingPath(graphCacheDir, key);
  if (request.isRemeasuring) await rm(timingFile, { force: true });
  const known = await recallTimings(timingFile, key);
  if (known !== null) return { timings: known, failed: [], timingFile, isMeasured: false };
  const { timings, failed } = await measure({ float32, variants }, request);
  if (failed.length > 0) return { timings, failed, timingFile: null, isMeasured: true };
  const counting = await rememberTimings(timingFile, { key, timings });
  return { timings: counting, failed, timingFile, isMeasured: true };
}

interface VariantModel {
  readonly variant: Variant;
  readonly directory: ModelDirectory;
}

async function measure(
  models: { readonly float32: ModelDirectory; readonly variants: readonly VariantModel[] },
  { timer, graphCacheDir }: TimingRequest,
): Promise<Pick<TimedPrecisions, "timings" | "failed">> {
  const { float32, variants } = models;
  const graphs: TimedGraph[] = [await graphOf(float32, "float32", graphCacheDir)];
  for (const { variant, directory } of variants) {
    graphs.push(await graphOf(directory, variant, graphCacheDir));
  }
  const [float, ...others] = await timer.time(graphs);
  if (float?.kind !== "timed") {
    const problem = float === undefined ? "it was not timed" : float.message;
    throw new ModelError(float32.onnxPath, `it does not run here (${problem})`);
  }
  const timed: PrecisionTimings["variants"][number][] = [];
  const failed: RefusedVariant[] = [];
  for (const [i, { variant }] of variants.entries()) {
    const timing = others[i];
    if (timing?.kind === "timed") timed.push({ variant, roundsMs: timing.roundsMs });
    else {
      const detail = `it does not run here (${timing?.message ?? "it was not timed"})`;
      failed.push({ variant, reason: "does-not-run", detail });
    }
  }
  return { timings: { float32: float.roundsMs, variants: timed }, failed };
}

async function graphOf(
  directory: ModelDirectory,
  precision: Variant | "float32",
  graphCacheDir: string,
): Promise<TimedGraph> {
  return {
    model: `${basename(directory.folder)}:${precision}`,
    graphPath: await cacheGraph(directory, graphCacheDir),
    classes: directory.labels.length,
    spec: pixelSpecOf(directory),
  };
}
