import {
  deriveChunkId,
  type ChunkId,
  type ChunkJob,
  type EnsembleName,
  type Lane,
  type ObjectRef,
  type PolicyName,
  type RootName,
  type SourceName,
} from "@sluice/contracts";
import type { ChunkPlan } from "./journal.ts";

/** What the objects of one source have in common: where they lie and what is to be done with them. */
export interface SourceBinding {
  readonly source: SourceName;
  readonly root: RootName;
  readonly policy: PolicyName;
  readonly ensemble: EnsembleName;
  readonly lane: Lane;
  /** Whether somebody waits for the decisions; notices carry them then. */
  readonly wantsAnswers?: boolean;
}

/** The id of the chunk that these objects make; changes with any of them and with the binding. */
export function chunkIdOf(binding: SourceBinding, objects: readonly ObjectRef[]): ChunkId {
  return deriveChunkId({ ...binding, objects });
}

export function toChunkJob(
  binding: SourceBinding,
  { plan, nowMs }: { readonly plan: ChunkPlan; readonly nowMs: number },
): ChunkJob {
  return {
    v: 1,
    id: plan.chunkId,
    lane: binding.lane,
    source: binding.source,
    root: binding.root,
    policy: binding.policy,
    ensemble: binding.ensemble,
    enqueuedAtMs: nowMs,
    ...(binding.wantsAnswers === true && { wantsAnswers: true as const }),
    objects: [...plan.objects],
  };
}
