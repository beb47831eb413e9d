import type { EngineEvents } from "../engine-events.ts";

export interface RecordedEvents extends EngineEvents {
  readonly losses: Parameters<EngineEvents["engineLost"]>[0][];
  readonly culprits: string[];
  readonly enginePids: number[];
  readonly batches: { rows: number; reason: string }[];
}

/** An events port that remembers. */
export function recordEvents(): RecordedEvents {
  const losses: RecordedEvents["losses"] = [];
  const culprits: string[] = [];
  const enginePids: number[] = [];
  const batches: RecordedEvents["batches"] = [];
  return {
    losses,
    culprits,
    enginePids,
    batches,
    engineReady: ({ pid }) => enginePids.push(pid),
    engineErrored: () => undefined,
    engineReported: (report) => batches.push(...report.batches),
    precisionChosen: () => undefined,
    engineLost: (event) => losses.push(event),
    suspectsFound: () => undefined,
    culpritNamed: ({ path }) => culprits.push(path),
  };
}
