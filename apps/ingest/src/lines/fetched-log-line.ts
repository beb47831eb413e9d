import { ConfigError, type NginxLogSourceConfig, type SluiceConfig } from "@sluice/config";
import { GuardedFetch } from "@sluice/guarded-fetch";
import {
  createUrlJudge,
  LogFormatError,
  NginxLogSource,
  openLogRules,
  UrlFollower,
  type UploadSink,
} from "@sluice/source-nginx-log";
import type { UploadDesk } from "@sluice/sources";
import { SqliteLogCheckpoints } from "@sluice/storage";
import { describeLogs } from "./describe-logs.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";
import { openUploadLine } from "./upload-line.ts";

/**
 * A source of kind `nginx-log` whose uploads lie on another server: they are fetched through a guard into the root, which is a spool of
 * our own as it is for received uploads. Only with `fetch`, and only from the origins that stand there. @throws ConfigError
 */
export function openFetchedLogLine(
  config: SluiceConfig,
  source: NginxLogSourceConfig,
  parts: SharedParts,
): SourceLine {
  const { fetch } = source;
  if (fetch === undefined) throw new Error("expected a source with fetch");
  const format = openFormat(source);
  let logs: NginxLogSource<string> | null = null;
  const { maxPending, maxBytes, answersKeptMs } = fetch;
  const spooled = { ...source, maxPending, maxBytes, answersKeptMs };
  return openUploadLine(config, spooled, {
    parts,
    readiness: () => describeLogs(source.name, logs?.status ?? null),
    listen: async (desk) => {
      const stack = new AsyncDisposableStack();
      const guard = stack.use(new GuardedFetch(fetch));
      const checkpoints = stack.use(SqliteLogCheckpoints.open(config.ingest.journalPath));
      const events = parts.events.ofNginxLog(source.name);
      const own = { ...source, ...parts, source: source.name, checkpoints, events };
      const follower = new UrlFollower({
        ...own,
        maxConcurrent: fetch.maxConcurrent,
        sink: toSink(desk),
        read: (url, signal) => guard.read(url, signal),
      });
      logs = new NginxLogSource({
        ...own,
        format,
        judge: createUrlJudge({ ...fetch, maxNames: source.maxNames }),
        follower,
        wantListing: () => undefined, // there is nothing to list
      });
      await logs.start();
      stack.use(logs);
      return stack;
    },
  });
}

function openFormat(source: NginxLogSourceConfig) {
  try {
    return openLogRules(source, null).format;
  } catch (error) {
    if (!(error instanceof LogFormatError)) throw error;
    throw new ConfigError("sources", [`sources "${source.name}".format: ${error.message}`]);
  }
}

function toSink(desk: UploadDesk): UploadSink {
  return {
    has: (id) => desk.state(id).kind !== "unknown",
    async take(id, bytes) {
      await desk.accept(bytes, { id });
    },
  };
}
