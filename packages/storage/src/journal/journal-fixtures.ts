import {
  deriveChunkId,
  ensembleNameSchema,
  objectRefSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
  type ObjectRef,
  type SourceName,
} from "@sluice/contracts";
import type { ChunkPlan, Journal, VersionedPath } from "@sluice/sources";

/** Names and objects for the tests of the journal. */
export const uploads = sourceNameSchema.parse("uploads");
export const archive = sourceNameSchema.parse("archive");

export function object(
  path: string,
  version = "11-2048-1700000000000000001-1700000000000000002",
): ObjectRef {
  return objectRefSchema.parse({ path, version, sizeBytes: 2048 });
}

/** Puts the next `limit` objects in line under a plan. */
export function planNext(journal: Journal, limit: number, source: SourceName = uploads): ChunkPlan {
  const root = rootNameSchema.parse("incoming");
  const policy = policyNameSchema.parse("default");
  const ensemble = ensembleNameSchema.parse("default");
  const plan = journal.planNext(source, {
    limit,
    toChunkId: (objects) => deriveChunkId({ source, root, policy, ensemble, objects }),
  });
  if (plan === null) throw new Error("nothing is in line");
  return plan;
}

export function allDecided(
  journal: Journal,
  pageSize: number,
  source: SourceName = uploads,
): VersionedPath[] {
  const all: VersionedPath[] = [];
  for (;;) {
    const page = journal.decidedAfter(source, { after: all.at(-1)?.path ?? null, limit: pageSize });
    if (page.length === 0) return all;
    all.push(...page);
  }
}
