import type { EngineEvents } from "../engine-events.ts";
import type { FleetEvents } from "../fleet-events.ts";

export interface RecordedEvents extends EngineEvents, FleetEvents {
  readonly losses: Parameters<EngineEvents["engineLost"]>[0][];
  readonly culprits: string[];
  readonly enginePids: number[];
  readonly limits: Parameters<EngineEvents["rowsLimited"]>[0][];
  readonly givenUp: Parameters<FleetEvents["engineGivenUp"]>[0][];
  readonly batches: { rows: number; reason: string }[];
}

/** An events port that remembers. */
export function recordEvents(): RecordedEvents {
  const losses: RecordedEvents["losses"] = [];
  const culprits: string[] = [];
  const enginePids: number[] = [];
  const limits: RecordedEvents["limits"] = [];
  const givenUp: RecordedEvents["givenUp"] = [];
  const batches: RecordedEvents["batches"] = [];
  return {
    losses,
    culprits,
    enginePids,
    givenUp,
    limits,
    devicesChosen: () => undefined,
    engineGivenUp: (event) => givenUp.push(event),
    batches,
    engineReady: ({ pid }) => enginePids.push(pid),
    rowsLimited: (event) => limits.push(event),
    engineErrored: () => undefined,
    engineReported: (_, report) => batches.push(...report.batches),
    precisionChosen: () => undefined,
    membersArranged: () => undefined,
    engineLost: (event) => losses.push(event),
    suspectsFound: () => undefined,
    culpritNamed: ({ path }) => culprits.push(path),
  };
}
