import type { WorkerConfig } from "@sluice/config";
import type { LoadedEnsemble } from "@sluice/models";
import type { Input } from "../classify/list-inputs.ts";
import { benchDecode, benchPipeline, type PictureFigure } from "./bench-pictures.ts";
import { benchSessions, type SessionFigure } from "./bench-session.ts";
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
}

export interface BenchRequest {
  readonly loaded: LoadedEnsemble;
  readonly inputs: readonly Input[];
  readonly settings: WorkerConfig;
  readonly batches: readonly number[];
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly tell: (step: string) => void;
}

/** Each model alone, decoding alone, and both together in one process. */
export async function runBench(request: BenchRequest): Promise<BenchReport> {
  const { loaded, inputs, settings, batches, rounds, signal, tell } = request;
  const threads = settings.intraOpThreads;
  tell("each model alone");
  const sessions = await benchSessions(loaded, { batches, rounds, threads, signal });
  tell("decoding alone");
  const decode = await benchDecode(inputs, loaded, settings);
  tell("the whole pipeline in one process");
  const pipeline = await benchPipeline(inputs, { loaded, settings, signal });
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
  };
}
