/** The long-running processes of one machine, in the order in which they start. */
export const APP_NAMES = ["moderation", "worker", "ingest"] as const;
export type AppName = (typeof APP_NAMES)[number];

/**
 * Consumers stop last: ingest stops finding, the worker finishes what is in flight, moderation acts on it.
 * What is still queued then stays in Redis for the next start.
 */
export const STOP_ORDER: readonly AppName[] = ["ingest", "worker", "moderation"];
