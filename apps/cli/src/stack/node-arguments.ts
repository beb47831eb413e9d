import type { AppName } from "./app-name.ts";

/**
 * What Node is told for each app. Ingest makes much that lives for a moment: with the young generation that V8 takes by itself it held
 * 50 MB more after finding 30,000 files, for no gain in speed.
 */
export const NODE_ARGUMENTS: Readonly<Record<AppName, readonly string[]>> = {
  ingest: ["--max-semi-space-size=4"],
  worker: [],
  moderation: [],
};
