import type { WorkerConfig } from "@sluice/config";
import type { LoadedEnsemble } from "@sluice/models";
import type { Input } from "../classify/list-inputs.ts";
import { benchDecode, benchPipeline, type PictureFigure } from "./bench-pictures.ts";
import { benchSessions, type SessionFigure } from "./bench-session.ts";
import type { SettledEnsemble } from "../precision/settle-ensemble.ts";
import { compareWithQueue, type QueueFigure } from "./compare-with-queue.ts";
import { describeMachine, type Machine } from "./machine.ts";

export interface BenchReport {
  readonly machine: Machine;
  readonly provider: string;
  /** Threads of ONNX Runtime; 0: as many as there are cores. */
  readonly intraOpThreads: number;
  readonly sessions: readonly SessionFigure[];
  readonly decode: PictureFigure;
  readonly pipeline: PictureFigure;
  /**
   * What the same work would take one after the other: an image's CPU time of decoding on all cores, then all members at the
   * largest batch.
   */
  readonly serialImagesPerSecond: number;
  /** Through ingest, Redis, worker and moderation; null: not measured. */
  readonly queue: QueueFigure | null;
}

export interface BenchRequest {
  readonly loaded: LoadedEnsemble;
  readonly inputs: readonly Input[];
  readonly settings: WorkerConfig;
  readonly batches: readonly number[];
  readonly rounds: number;
  /** Null: nothing goes through Redis. */
  readonly queue: QueueRequest | null;
  readonly signal: AbortSignal;
  readonly tell: (step: string) => void;
}

export interface QueueRequest {
  readonly ensemble: SettledEnsemble;
  /** Null: a Redis of its own. */
  readonly redisUrl: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a round takes at least, as the pipeline in one process was measured. */
  readonly roundSeconds: number;
  readonly say: (message: string) => void;
}

/** Each model alone, decoding alone, both together in one process, and the whole with Redis between its processes. */
export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const { loaded, inputs, settings, batches, rounds, signal, tell } = request;
  const threads = settings.intraOpThreads;
  tell("each model alone");
  const sessions = await benchSessions(loaded, { batches, rounds, threads, signal });
  tell("decoding alone");
  const decode = await benchDecode(inputs, loaded, settings);
  tell("the whole pipeline in one process");
  const pipeline = await benchPipeline(inputs, { loaded, settings, signal });
  const queue = await benchQueue(request, pipeline);
  const largest = Math.max(...batches);
  const inferSeconds = sessions
    .filter(({ batch }) => batch === largest)
    .reduce((sum, { imagesPerSecond }) => sum + 1 / imagesPerSecond, 0);
  return {
    machine: describeMachine(),
    provider: "cpu",
    intraOpThreads: threads,
    sessions,
    decode,
    pipeline,
    serialImagesPerSecond: 1 / (1 / decode.imagesPerSecond + inferSeconds),
    queue,
  };
}

async function benchQueue(
  { loaded, inputs, settings, rounds, signal, tell, queue }: BenchRequest,
  { images, imagesPerSecond }: PictureFigure,
): Promise<QueueFigure | null> {
  if (queue === null) return null;
  tell("the whole way through Redis");
  const times = Math.ceil((queue.roundSeconds * imagesPerSecond) / images);
  return await compareWithQueue({ ...queue, loaded, inputs, settings, rounds, times, signal });
}
