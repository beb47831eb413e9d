import { ConfigError, type NginxLogSourceConfig, type SluiceConfig } from "@sluice/config";
import {
  LogFormatError,
  NginxLogSource,
  openLogRules,
  type LogRules,
  type NginxLogEvents,
  type NginxLogStatus,
} from "@sluice/source-nginx-log";
import { FolderSource, startFolderThread } from "@sluice/source-folder";
import { recordSettled } from "@sluice/sources";
import { createFolderLooker, SqliteLogCheckpoints } from "@sluice/storage";
import type { ReadinessReport } from "@sluice/telemetry";
import { elsewhere } from "./elsewhere.ts";
import { openIntake, openLineEnd, type LineEnd } from "./line-end.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";

/** How long after a line that names nothing the folder is listed; more such lines meanwhile are one reason. */
const LISTING_DELAY_MS = 30_000;

/**
 * A source of kind `nginx-log`: the log says where to look, and a listing finds what no line could name. Both write to one
 * journal, under the source's name, so that a file is decided once whoever found it; this is why one source a root is enough.
 * `start` throws FolderUnusableError where the folder is listed. @throws ConfigError
 */
export function openNginxLogLine(
  config: SluiceConfig,
  source: NginxLogSourceConfig,
  parts: SharedParts,
): SourceLine {
  const root = config.roots.get(source.root);
  if (root?.kind !== "folder") throw elsewhere(source);
  const rules = openRules(source, root.folder);
  const end = openLineEnd(config, source, parts);
  const listing = openListing(root.folder, { source, end, parts });
  const stack = new AsyncDisposableStack();
  let logs: NginxLogSource | null = null;
  const start = async (): Promise<void> => {
    end.sender.start();
    stack.defer(async () => await end.sender.stop());
    if (listing !== null) {
      await listing.start();
      stack.use(listing);
    }
    const checkpoints = stack.use(SqliteLogCheckpoints.open(config.ingest.journalPath));
    const events = withListing(parts.events.ofNginxLog(source.name), listing);
    const reading = new NginxLogSource({
      ...source,
      ...parts,
      source: source.name,
      ...rules,
      looker: createFolderLooker(root.folder),
      intake: end.intake,
      checkpoints,
      events,
      wantListing: () => listing?.reconcileSoon(LISTING_DELAY_MS),
    });
    await reading.start();
    logs = stack.use(reading);
  };
  return {
    name: source.name,
    get senderState() {
      return end.sender.state;
    },
    get settling() {
      return end.intake.settlingCount + (listing?.status.settling ?? 0);
    },
    get isDegraded() {
      return (logs?.status.unavailable.length ?? 0) > 0;
    },
    settled: (notice) =>
      recordSettled(notice, {
        journal: parts.journal,
        events: parts.events.ofSource(source.name),
      }),
    readiness: () => describe(source, logs?.status ?? null),
    start,
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
    },
  };
}

/** What the log does not say is found by listing the folder, into the same journal. Null: switched off. */
function openListing(
  folder: string,
  { source, end, parts }: { source: NginxLogSourceConfig; end: LineEnd; parts: SharedParts },
): FolderSource | null {
  if (!source.listing) return null;
  return new FolderSource({
    ...source,
    ...parts,
    include: [],
    polling: true,
    source: source.name,
    folder,
    intake: openIntake(source, parts, end.sender),
    startThread: startFolderThread,
  });
}

/** Lines that were lost are a reason to list. */
function withListing(events: NginxLogEvents, listing: FolderSource | null): NginxLogEvents {
  return {
    ...events,
    linesLost(event) {
      events.linesLost(event);
      listing?.reconcileSoon(LISTING_DELAY_MS);
    },
  };
}

function openRules(source: NginxLogSourceConfig, folder: string): LogRules {
  try {
    return openLogRules(source, folder);
  } catch (error) {
    if (!(error instanceof LogFormatError)) throw error;
    throw new ConfigError("sources", [`sources "${source.name}".format: ${error.message}`]);
  }
}

/** Ready: every log can be read, and what they name can be looked at. */
function describe({ name }: NginxLogSourceConfig, status: NginxLogStatus | null): ReadinessReport {
  if (status === null) return { isReady: false, checks: { [`${name}.logs`]: "not started" } };
  const { logs, unavailable, isRootAvailable } = status;
  const readable = `${logs - unavailable.length} of ${logs} can be read`;
  return {
    isReady: isRootAvailable && unavailable.length === 0,
    checks: {
      [`${name}.logs`]: logs === 0 ? "none is there yet" : readable,
      [`${name}.root`]: isRootAvailable ? "ok" : "cannot be looked at",
    },
  };
}
