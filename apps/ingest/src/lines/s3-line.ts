import type { S3SourceConfig, SluiceConfig } from "@sluice/config";
import {
  openBucket,
  S3Source,
  SqsFeed,
  WebhookFeed,
  type EventFeed,
  type S3SourceOptions,
  type S3Status,
} from "@sluice/s3";
import { recordSettled } from "@sluice/sources";
import type { ReadinessReport } from "@sluice/telemetry";
import { elsewhere } from "./elsewhere.ts";
import { openLineEnd } from "./line-end.ts";
import { readTls } from "../read-tls.ts";
import type { SharedParts, SourceLine } from "./source-line.ts";

/** A source of kind `s3`; `start` throws WebhookListenError, S3KeyFileError, ConfigError. */
export function openS3Line(
  config: SluiceConfig,
  source: S3SourceConfig,
  parts: SharedParts,
): SourceLine {
  const root = config.roots.get(source.root);
  if (root?.kind !== "s3") throw elsewhere(source);
  const { intake, sender } = openLineEnd(config, source, parts);
  const stack = new AsyncDisposableStack();
  let bucketSource: S3Source | null = null;
  return {
    name: source.name,
    get senderState() {
      return sender.state;
    },
    settling: 0,
    get isDegraded() {
      return typeof bucketSource?.status.feedFailure === "string";
    },
    settled: (notice) =>
      recordSettled(notice, {
        journal: parts.journal,
        events: parts.events.ofSource(source.name),
      }),
    readiness: (nowMs) => describe(source, bucketSource?.status ?? null, nowMs),
    async start() {
      stack.defer(async () => await sender.stop());
      const bucket = stack.use(await openBucket({ settings: root }));
      const openFeeds = await prepareFeeds(source, parts);
      const events = parts.events.ofBuckets;
      const own = { source: source.name, bucket, intake, events, openFeeds };
      bucketSource = stack.use(new S3Source({ ...source, ...parts, ...own }));
      sender.start();
      await bucketSource.start();
    },
    /** First nothing new is found, then nothing is sent any more. */
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
    },
  };
}

/** @throws ConfigError when a certificate cannot be read */
async function prepareFeeds(
  { name, sqs, webhook }: S3SourceConfig,
  { clock, events: { ofBuckets: events }, onFailed }: SharedParts,
): Promise<S3SourceOptions["openFeeds"]> {
  const tls = await readTls("sources", { ...webhook });
  return (desk) => {
    const common = { source: name, desk, clock, events, onFailed };
    const feeds: EventFeed[] = [];
    if (webhook !== undefined) {
      feeds.push(new WebhookFeed({ ...common, settings: { ...webhook, tls } }));
    }
    if (sqs !== undefined) {
      const settings = { ...sqs, region: sqs.region ?? null, profile: sqs.profile ?? null };
      feeds.push(new SqsFeed({ ...common, settings }));
    }
    return feeds;
  };
}

/** A listing is late when it is this many times older than it should be. */
const LATE_FACTOR = 3;

/**
 * Ready: the bucket can be listed and was listed not too long ago. Events that do not come are told but do not make the process unready,
 * because the listing finds everything.
 */
function describe(
  { name, reconcileEveryMs, sqs, webhook }: S3SourceConfig,
  status: S3Status | null,
  nowMs: number,
): ReadinessReport {
  const hasEvents = sqs !== undefined || webhook !== undefined;
  const told = hasEvents ? { [`${name}.events`]: status?.feedFailure ?? "ok" } : {};
  const tell = (isReady: boolean, listing: string): ReadinessReport => ({
    isReady,
    checks: { [`${name}.bucket`]: listing, ...told },
  });
  if (status === null) return tell(false, "not started");
  if (status.failure !== null) return tell(false, status.failure);
  if (status.fullyListedAtMs === null) return tell(false, "listed for the first time");
  const ageMs = nowMs - (status.listedAtMs ?? 0);
  const fullAgeMs = nowMs - status.fullyListedAtMs;
  const isLate = ageMs > LATE_FACTOR * Math.max(reconcileEveryMs, 60_000);
  const age = `listed ${Math.round(ageMs / 1000)} s ago`;
  const isRecent = fullAgeMs > ageMs;
  return tell(!isLate, isRecent ? `${age}, fully ${Math.round(fullAgeMs / 1000)} s ago` : age);
}
