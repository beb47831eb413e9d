import {
  ConfigError,
  type BucketConfig,
  type NginxLogSourceConfig,
  type SluiceConfig,
} from "@sluice/config";
import {
  judgeUpload,
  LogFormatError,
  NginxLogSource,
  ObjectFollower,
  openLogRules,
  type LogRules,
  type NginxLogEvents,
} from "@sluice/source-nginx-log";
import type { ObjectPath } from "@sluice/contracts";
import { FolderSource, startFolderThread } from "@sluice/source-folder";
import { recordSettled, type ObjectLooker } from "@sluice/sources";
import { createFolderLooker, SqliteLogCheckpoints } from "@sluice/storage";
import { elsewhere } from "./elsewhere.ts";
import { openIntake, openLineEnd, type LineEnd } from "./line-end.ts";
import { describeLogs } from "./describe-logs.ts";
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
  if (root === undefined || root.kind === "endpoint") throw elsewhere(source);
  const folder = root.kind === "folder" ? root.folder : null;
  const rules = openRules(source, folder);
  const end = openLineEnd(config, source, parts);
  const listing = openListing(folder, { source, end, parts });
  const stack = new AsyncDisposableStack();
  let logs: NginxLogSource<ObjectPath> | null = null;
  const start = async (): Promise<void> => {
    end.sender.start();
    stack.defer(async () => await end.sender.stop());
    if (listing !== null) {
      await listing.start();
      stack.use(listing);
    }
    const checkpoints = stack.use(SqliteLogCheckpoints.open(config.ingest.journalPath));
    const events = withListing(parts.events.ofNginxLog(source.name), listing);
    const wantListing = (): void => listing?.reconcileSoon(LISTING_DELAY_MS);
    const own = { ...source, ...parts, source: source.name, checkpoints, events, wantListing };
    const looker =
      root.kind === "folder"
        ? createFolderLooker(root.folder)
        : await openBucketLooker(root, stack);
    const reading = new NginxLogSource({
      ...own,
      format: rules.format,
      judge: (record) => judgeUpload(record, rules.rules),
      follower: new ObjectFollower({ ...own, looker, intake: end.intake }),
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
    readiness: () => describeLogs(source.name, logs?.status ?? null),
    start,
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
    },
  };
}

/** The client of S3 is loaded only where there is a bucket. */
async function openBucketLooker(
  settings: BucketConfig,
  stack: AsyncDisposableStack,
): Promise<ObjectLooker> {
  const { createBucketLooker, openBucket } = await import("@sluice/s3");
  return createBucketLooker(stack.use(await openBucket({ settings })));
}

/** What the log does not say is found by listing the folder, into the same journal. Null: switched off. */
function openListing(
  folder: string | null,
  { source, end, parts }: { source: NginxLogSourceConfig; end: LineEnd; parts: SharedParts },
): FolderSource | null {
  if (!source.listing || folder === null) return null;
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

function openRules(source: NginxLogSourceConfig, folder: string | null): LogRules {
  try {
    return openLogRules(source, folder);
  } catch (error) {
    if (!(error instanceof LogFormatError)) throw error;
    throw new ConfigError("sources", [`sources "${source.name}".format: ${error.message}`]);
  }
}
