import {
  ensembleNameSchema,
  type EnsembleName,
  type Lane,
  type RootName,
  type SourceName,
} from "@sluice/contracts";

/** What a chunk's way depends on: each ensemble has workers, and so queues, of its own. */
export interface ChunkRoute {
  readonly lane: Lane;
  readonly ensemble: EnsembleName;
}

/** The ensemble whose queues have the plain names. */
const PLAIN = ensembleNameSchema.parse("default");

/**
 * Names of the queues. The braces are a Redis Cluster hash tag: all keys of one queue lie on one node, and
 * different queues may lie on different ones.
 */
export function laneQueue({ lane, ensemble }: ChunkRoute): string {
  return ensemble === PLAIN ? `{${lane}}` : `{${lane}-${ensemble}}`;
}

/** Chunks whose worker process died, taken apart one object at a time. */
export function suspectQueue(ensemble: EnsembleName): string {
  return ensemble === PLAIN ? "{suspect}" : `{suspect-${ensemble}}`;
}

/** Payloads that do not parse and jobs that ran out of attempts, each with the reason. */
export const DEAD_QUEUE = "{dead}";

export function verdictQueue(root: RootName): string {
  return `{verdicts-${root}}`;
}

export function settledQueue(source: SourceName): string {
  return `{settled-${source}}`;
}
