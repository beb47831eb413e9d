import type { FolderSourceConfig, SluiceConfig } from "@sluice/config";
import { FolderSource, startFolderThread } from "@sluice/source-folder";
import {
  Intake,
  SelfClockedSender,
  type ChunkSender,
  type Clock,
  type Journal,
} from "@sluice/sources";
import type { IngestEvents } from "./events.ts";

/** What all sources of the process share. */
export interface SharedParts {
  readonly journal: Journal;
  readonly chunkSender: ChunkSender;
  readonly clock: Clock;
  readonly events: IngestEvents;
  readonly onFailed: (error: unknown) => void;
}

/** One source from end to end: folder, intake, journal, sender. */
export interface SourceLine extends AsyncDisposable {
  readonly config: FolderSourceConfig;
  readonly folder: FolderSource;
  readonly sender: SelfClockedSender;
  /** @throws FolderUnusableError */
  start(): Promise<void>;
}

/** Young files held in memory per source, about 300 bytes each; more are found again by listing. */
const MAX_SETTLING = 50_000;

export function openSourceLine(
  config: SluiceConfig,
  source: FolderSourceConfig,
  { journal, chunkSender, clock, events: allEvents, onFailed }: SharedParts,
): SourceLine {
  const root = config.roots.get(source.root);
  if (root === undefined) throw new Error(`root ${source.root} is not configured`); // checked when loaded
  const events = allEvents.ofSource(source.name);
  const sender = new SelfClockedSender({
    ...config.ingest,
    binding: {
      source: source.name,
      root: source.root,
      policy: source.policy,
      ensemble: source.ensemble,
      lane: "live",
    },
    journal,
    clock,
    chunkSender,
    events,
    onFailed,
  });
  const intake = new Intake({
    source: source.name,
    settleMs: source.settleMs,
    maxSettling: MAX_SETTLING,
    journal,
    clock,
    events,
    onSeen: () => sender.wake(),
  });
  const folder = new FolderSource({
    ...source,
    source: source.name,
    folder: root.folder,
    intake,
    journal,
    clock,
    events: allEvents,
    startThread: startFolderThread,
    onFailed,
  });
  return {
    config: source,
    folder,
    sender,
    async start() {
      sender.start();
      await folder.start();
    },
    /** First nothing new is found, then nothing is sent any more. */
    async [Symbol.asyncDispose]() {
      await folder.stop();
      await sender.stop();
    },
  };
}
