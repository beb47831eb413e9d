import type { SourceName } from "@sluice/contracts";
import type { ConsumerEvents, RedisReport } from "@sluice/queue";
import type { FolderEvents } from "@sluice/source-folder";
import type { NginxLogEvents } from "@sluice/source-nginx-log";
import type { S3Events } from "@sluice/s3";
import type { SourceEvents } from "@sluice/sources";
import type { Logger, Metrics } from "@sluice/telemetry";
import { createClamdEvents, type ListeningClamdEvents } from "./clamd-events.ts";
import { createFolderEvents } from "./folder-events.ts";
import { createHttpEvents, type ListeningHttpEvents } from "./http-events.ts";
import { createNginxLogEvents } from "./nginx-log-events.ts";
import { createS3Events } from "./s3-events.ts";
import { createSourceEvents } from "./source-events.ts";

/** What happens in ingest: one function per event writes the log line and moves the metric. Listed in docs/events.md. */
export interface IngestEvents extends FolderEvents, ConsumerEvents {
  ofSource(source: SourceName): SourceEvents;
  ofClamd(source: SourceName): ListeningClamdEvents;
  ofHttp(source: SourceName): ListeningHttpEvents;
  ofNginxLog(source: SourceName): NginxLogEvents;
  readonly ofBuckets: S3Events;
  appReady(event: { readonly health: string; readonly sources: readonly SourceName[] }): void;
  appStopping(): void;
  redisReached(report: RedisReport): void;
  redisErrored(error: Error): void;
}

export function createIngestEvents(log: Logger, metrics: Metrics): IngestEvents {
  return {
    ...createFolderEvents(log, metrics),
    ...noticeEvents(log),
    ofSource: createSourceEvents(log, metrics),
    ofClamd: createClamdEvents(log, metrics),
    ofHttp: createHttpEvents(log, metrics),
    ofNginxLog: createNginxLogEvents(log, metrics),
    ofBuckets: createS3Events(log, metrics),
    appReady(event) {
      log.info({ event: "app.ready", ...event }, "Ingest is ready.");
    },
    appStopping() {
      log.info({ event: "app.stopping" }, "Ingest stops; an add in flight is awaited.");
    },
    redisReached({ version, maxmemoryPolicy, isPersistent }) {
      const about = { version, maxmemoryPolicy, isPersistent };
      if (maxmemoryPolicy !== null && maxmemoryPolicy !== "noeviction") {
        log.warn(
          { event: "redis.may_evict", ...about },
          "Redis may drop jobs when its memory is full: set maxmemory-policy noeviction.",
        );
      }
      if (!isPersistent) {
        log.warn(
          { event: "redis.not_persistent", ...about },
          "Redis keeps no append-only file; after its restart everything queued is sent again, late.",
        );
      }
    },
    redisErrored(err) {
      log.debug({ event: "redis.errored", err }, "A connection to Redis failed.");
    },
  };
}

function noticeEvents(log: Logger): ConsumerEvents {
  return {
    jobDead(event) {
      log.error({ event: "job.dead", ...event }, "A notice of decisions went to the dead letters.");
    },
    jobRetried({ error: err, ...event }) {
      log.warn({ event: "job.retried", ...event, err }, "A notice of decisions is tried again.");
    },
    jobStalled(event) {
      log.warn({ event: "job.stalled", ...event }, "A notice of decisions is taken up again.");
    },
  };
}
