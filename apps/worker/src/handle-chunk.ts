import type { ChunkJob, Classification, EnsembleInfo, VerdictJob } from "@sluice/contracts";
import type { Dispatcher } from "@sluice/inference";
import type { ChunkContext } from "@sluice/queue";
import { EnsembleNotHereError } from "./errors.ts";
import type { JobEvents } from "./job-events.ts";

export interface ChunkHandlerParts {
  readonly dispatcher: Pick<Dispatcher, "classify">;
  readonly ensemble: EnsembleInfo;
  readonly workerId: string;
  readonly events: Pick<JobEvents, "chunkTaken" | "chunkClassified">;
}

/** Deaths of whole workers after which an object that was alone is the cause. */
const MAX_STALLS_ALONE = 2;

/**
 * Has a chunk classified and makes its verdict. Rejects with the signal's reason at a hard stop.
 *
 * @throws EnsembleNotHereError when the chunk is for another ensemble than this worker's
 */
export async function handleChunk(
  parts: ChunkHandlerParts,
  chunk: ChunkJob,
  context: ChunkContext,
): Promise<VerdictJob> {
  requireEnsemble(parts.ensemble, chunk);
  const startedAt = performance.now();
  const waitedSeconds = Math.max(0, Date.now() - chunk.enqueuedAtMs) / 1000;
  parts.events.chunkTaken({ lane: chunk.lane, waitedSeconds });
  const isCondemned = context.isSuspect && context.stalledCount >= MAX_STALLS_ALONE;
  const classifications = isCondemned
    ? chunk.objects.map(() => CONDEMNED)
    : await orAborted(context.signal, classify(parts, chunk, context));
  parts.events.chunkClassified({
    chunkId: chunk.id,
    objects: chunk.objects.length,
    seconds: (performance.now() - startedAt) / 1000,
  });
  return makeVerdict(parts, chunk, classifications);
}

const CONDEMNED: Classification = {
  kind: "unscannable",
  reason: "crashed-engine",
  detail: "two worker processes died while they held this image alone",
};

function requireEnsemble(info: EnsembleInfo, chunk: ChunkJob): void {
  if (info.name === chunk.ensemble) return;
  throw new EnsembleNotHereError(
    `chunk ${chunk.id} is for the ensemble "${chunk.ensemble}", this worker runs "${info.name}": give ingest and workers the same configuration`,
  );
}

function makeVerdict(
  { ensemble, workerId }: ChunkHandlerParts,
  chunk: ChunkJob,
  classifications: readonly Classification[],
): VerdictJob {
  const { id, lane, source, root, policy, objects, wantsAnswers } = chunk;
  return {
    v: 1,
    chunkId: id,
    lane,
    source,
    root,
    policy,
    ensemble: chunk.ensemble,
    ensembleDigest: ensemble.digest,
    worker: workerId,
    classifiedAtMs: Date.now(),
    ...(wantsAnswers && { wantsAnswers }),
    outcomes: objects.map((object, i) => ({
      object,
      classification: requireOne(classifications[i]),
    })),
  };
}

/** The dispatcher gives one per object, in their order; anything else is a bug, and no object may get a made-up outcome. */
function requireOne(classification: Classification | undefined): Classification {
  if (classification !== undefined) return classification;
  throw new RangeError("expected one classification per object");
}

async function classify(
  { dispatcher }: ChunkHandlerParts,
  { root, lane, objects }: ChunkJob,
  { isSuspect }: ChunkContext,
): Promise<Classification[]> {
  return await dispatcher.classify({ root, lane, objects, isSuspect });
}

async function orAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
