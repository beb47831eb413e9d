import type { ChunkJob, Classification, EnsembleInfo, VerdictJob } from "@sluice/contracts";
import type { Dispatcher } from "@sluice/inference";
import type { ChunkContext } from "@sluice/queue";
import type { WorkerEvents } from "./events.ts";

export interface ChunkHandlerParts {
  readonly dispatcher: Dispatcher;
  readonly ensemble: EnsembleInfo;
  readonly workerId: string;
  readonly events: WorkerEvents;
}

/** Deaths of whole workers after which an object that was alone is the cause. */
const MAX_STALLS_ALONE = 2;

/** Has a chunk classified and makes its verdict. Rejects with the signal's reason at a hard stop. */
export async function handleChunk(
  parts: ChunkHandlerParts,
  chunk: ChunkJob,
  context: ChunkContext,
): Promise<VerdictJob> {
  const startedAt = performance.now();
  const isCondemned = context.isSuspect && context.stalledCount >= MAX_STALLS_ALONE;
  const classifications = isCondemned
    ? chunk.objects.map(() => CONDEMNED)
    : await orAborted(context.signal, classify(parts, chunk, context));
  parts.events.chunkClassified({
    chunkId: chunk.id,
    objects: chunk.objects.length,
    seconds: (performance.now() - startedAt) / 1000,
  });
  const { lane, source, root, policy, ensemble } = chunk;
  return {
    v: 1,
    chunkId: chunk.id,
    lane,
    source,
    root,
    policy,
    ensemble,
    ensembleDigest: parts.ensemble.digest,
    worker: parts.workerId,
    classifiedAtMs: Date.now(),
    outcomes: chunk.objects.map((object, i) => ({
      object,
      classification: classifications[i] ?? CONDEMNED,
    })),
  };
}

const CONDEMNED: Classification = {
  kind: "unscannable",
  reason: "crashed-engine",
  detail: "two worker processes died while they held this image alone",
};

async function classify(
  { dispatcher }: ChunkHandlerParts,
  { root, lane, objects }: ChunkJob,
  { isSuspect }: ChunkContext,
): Promise<Classification[]> {
  return await dispatcher.classify({ root, lane, objects, isSuspect });
}

async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
