import type { FoundSourceConfig, SluiceConfig } from "@sluice/config";
import { Intake, SelfClockedSender } from "@sluice/sources";
import { paceOf } from "./pace.ts";
import type { SharedParts } from "./source-line.ts";

/** Young objects held in memory per source, about 300 bytes each; more are found again by listing. */
const MAX_SETTLING = 50_000;

/** What every line has behind whatever finds its objects: the intake into the journal, and the sender out of it. */
export interface LineEnd {
  readonly intake: Intake;
  readonly sender: SelfClockedSender;
}

export function openLineEnd(
  config: SluiceConfig,
  source: FoundSourceConfig,
  parts: SharedParts,
): LineEnd {
  const { journal, chunkSender, clock, events: allEvents, onFailed } = parts;
  const events = allEvents.ofSource(source.name);
  const { root, policy, ensemble } = source;
  const sender = new SelfClockedSender({
    ...config.ingest,
    binding: { source: source.name, root, policy, ensemble, lane: "live" },
    journal,
    clock,
    pace: paceOf(source),
    chunkSender,
    events,
    onFailed,
  });
  return { intake: openIntake(source, parts, sender), sender };
}

/** Another way into the journal of a source, for a part that finds its objects besides. */
export function openIntake(
  source: FoundSourceConfig,
  { journal, clock, events }: SharedParts,
  sender: Pick<SelfClockedSender, "wake">,
): Intake {
  return new Intake({
    source: source.name,
    settleMs: source.kind === "s3" ? 0 : source.settleMs, // objects of a bucket appear whole
    maxSettling: MAX_SETTLING,
    journal,
    clock,
    events: events.ofSource(source.name),
    onSeen: () => sender.wake(),
  });
}
