import type { LoadedEnsemble } from "@sluice/models";
import { openToolSession } from "@sluice/inference-onnx";
import { median } from "./statistics.ts";
import { noise, timeRound } from "./time-session.ts";

export interface SessionFigure {
  readonly model: string;
  readonly batch: number;
  /** Median over the rounds. */
  readonly batchMs: number;
  readonly imagesPerSecond: number;
}

/**
 * Each member alone, on pixels that lie ready: what the device could do if nothing else cost time.
 *
 * @param threads of ONNX Runtime; 0: as many as there are cores
 */
export async function benchSessions(
  { deviceMembers, specs }: LoadedEnsemble,
  options: { batches: readonly number[]; rounds: number; threads: number; signal: AbortSignal },
): Promise<SessionFigure[]> {
  const figures: SessionFigure[] = [];
  for (const { model, graphPath, spec } of deviceMembers) {
    const size = specs[spec];
    if (size === undefined) continue;
    await using session = await openToolSession(graphPath, { intraOpThreads: options.threads });
    for (const batch of options.batches) {
      const shape = [batch, size.height, size.width, 3];
      const data = noise(batch * size.height * size.width * 3);
      const run = async (): Promise<void> =>
        void (await session.run({ data, shape }, ["probabilities"]));
      await run();
      const times: number[] = [];
      for (let round = 0; round < options.rounds; round++) {
        options.signal.throwIfAborted();
        times.push(await timeRound(run));
      }
      const batchMs = median(times);
      figures.push({ model, batch, batchMs, imagesPerSecond: (1000 * batch) / batchMs });
    }
  }
  return figures;
}
