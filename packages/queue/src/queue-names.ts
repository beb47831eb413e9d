import type { Lane, RootName, SourceName } from "@sluice/contracts";

/**
 * Names of the queues. The braces are a Redis Cluster hash tag: all keys of one queue lie on one node, and
 * different queues may lie on different ones.
 */
export function laneQueue(lane: Lane): string {
  return `{${lane}}`;
}

/** Chunks whose worker process died, taken apart one object at a time. */
export const SUSPECT_QUEUE = "{suspect}";
/** Payloads that do not parse and jobs that ran out of attempts, each with the reason. */
export const DEAD_QUEUE = "{dead}";

export function verdictQueue(root: RootName): string {
  return `{verdicts-${root}}`;
}

export function settledQueue(source: SourceName): string {
  return `{settled-${source}}`;
}
