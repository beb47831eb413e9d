import type { WorkerConfig } from "@sluice/config";
import { openGraphTimer } from "@sluice/inference-onnx";
import { ModelError, type LoadedEnsemble } from "@sluice/models";
import { benchDecode } from "../bench/bench-pictures.ts";
import { median } from "../bench/statistics.ts";
import type { Input } from "../classify/list-inputs.ts";

export interface Costs {
  /** Of one row in a full batch, per member. */
  readonly memberMs: readonly number[];
  /** Of one picture: reading, decoding, resizing, as many at a time as the engine does. */
  readonly decodeMs: number;
}

/** Enough for a mean; decoding all of a large folder twice would be a waste. */
const MOST_DECODED = 200;

/**
 * What members and decoding cost on this machine, with the worker's settings.
 *
 * @throws ModelError when a member does not run
 */
export async function measureCosts(
  loaded: LoadedEnsemble,
  inputs: readonly Input[],
  settings: WorkerConfig,
): Promise<Costs> {
  const { intraOpThreads, maxBatchItems: rows, variantTimingMs: limitMs } = settings;
  const device = { provider: "cpu", deviceName: null, intraOpThreads };
  const timer = await openGraphTimer({ ...device, rows, limitMs });
  const graphs = loaded.deviceMembers.flatMap(({ model, graphPath, classes, spec: index }) => {
    const spec = loaded.specs[index];
    return spec === undefined ? [] : [{ model, graphPath, classes, spec }];
  });
  const timings = await timer.time(graphs);
  const memberMs = timings.map((timing, m) => {
    if (timing.kind === "timed") return median(timing.roundsMs) / rows;
    throw new ModelError(graphs[m]?.graphPath ?? "", `it does not run here (${timing.message})`);
  });
  const { imagesPerSecond } = await benchDecode(inputs.slice(0, MOST_DECODED), loaded, settings);
  return { memberMs, decodeMs: 1000 / imagesPerSecond };
}
