import {
  chunkJobSchema,
  deriveChunkId,
  verdictJobSchema,
  type ChunkJob,
  type VerdictJob,
} from "@sluice/contracts";

/** A chunk of live objects of root "incoming", source "uploads", with these paths. */
export function makeChunk(...paths: string[]): ChunkJob {
  const chunk = chunkJobSchema.parse({
    v: 1,
    id: `c${"0".repeat(40)}`,
    lane: "live",
    enqueuedAtMs: 1,
    source: "uploads",
    root: "incoming",
    policy: "default",
    ensemble: "default",
    objects: paths.map((path) => ({ path, version: "1-2-3-4", sizeBytes: 10 })),
  });
  return { ...chunk, id: deriveChunkId(chunk) };
}

/** The verdict of a worker that found all objects of the chunk gone. */
export function makeVerdict(chunk: ChunkJob): VerdictJob {
  return verdictJobSchema.parse({
    v: 1,
    chunkId: chunk.id,
    lane: chunk.lane,
    source: chunk.source,
    root: chunk.root,
    policy: chunk.policy,
    ensemble: chunk.ensemble,
    ensembleDigest: "a".repeat(64),
    worker: "test",
    classifiedAtMs: 2,
    outcomes: chunk.objects.map((object) => ({
      object,
      classification: { kind: "gone", reason: "missing" },
    })),
  });
}

export function pathsOf({ objects }: ChunkJob): string {
  return objects.map(({ path }) => path).join();
}
