import type { SettledJob } from "@sluice/contracts";
import type { Journal } from "./journal.ts";
import type { SourceEvents } from "./source-events.ts";

/**
 * Moderation's notice: these versions have their recorded decision. Notices may come twice, late, and for versions that
 * have been replaced meanwhile; only rows that hold exactly these versions are decided by them.
 */
export function recordSettled(
  settled: SettledJob,
  {
    journal,
    events,
  }: { readonly journal: Journal; readonly events: Pick<SourceEvents, "objectsDecided"> },
): void {
  const count = journal.decide(settled.source, settled.objects);
  events.objectsDecided({ chunkId: settled.chunkId, count });
}
