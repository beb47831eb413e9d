import type { SettledJob, SourceName } from "@sluice/contracts";
import type { ChunkSender, Clock, Journal, SenderState } from "@sluice/sources";
import type { ReadinessReport } from "@sluice/telemetry";
import type { IngestEvents } from "../events.ts";

/** What all sources of the process share. */
export interface SharedParts {
  readonly journal: Journal;
  readonly chunkSender: ChunkSender;
  readonly clock: Clock;
  readonly events: IngestEvents;
  readonly onFailed: (error: unknown) => void;
}

/**
 * One source from end to end: what finds its objects, intake, journal, sender. Each kind of source has a file here that puts one
 * together.
 */
export interface SourceLine extends AsyncDisposable {
  readonly name: SourceName;
  readonly senderState: SenderState;
  /** Objects that are too young to be sent. */
  readonly settling: number;
  /** Whether objects are found later than the configuration wants, because a part of the source does not work. */
  readonly isDegraded: boolean;
  /** Not ready: objects of this source are not found at present. Checks are named `<source>.<part>`. */
  readiness(nowMs: number): ReadinessReport;
  /** Moderation's notice about objects of this source. */
  settled(notice: SettledJob): void;
  /** Throws what makes the source unusable until somebody corrects something. */
  start(): Promise<void>;
}
