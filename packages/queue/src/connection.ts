import { Redis } from "ioredis";
import { RedisUnavailableError } from "./errors.ts";

export interface QueueOptions {
  /** redis:// or rediss:// URL. */
  readonly redisUrl: string;
  /** First part of every key. */
  readonly prefix: string;
  /** Told about every connection error; must not throw. */
  readonly onError: (error: Error) => void;
}

/** Time between two tries to reconnect; BullMQ's own grows to 20 s, which delays work by that after an outage. */
const RECONNECT_DELAY_MS = 500;

/** A connection that waits: commands given while Redis is away are sent when it is back. For consumers. */
export function connectPatient({ redisUrl, onError }: QueueOptions): Redis {
  const redis = new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    retryStrategy: () => RECONNECT_DELAY_MS,
  });
  redis.on("error", onError);
  return redis;
}

/** A connection that fails fast: a command is refused at once while Redis is away. For producers. */
export function connectFailFast(
  { redisUrl, onError }: QueueOptions,
  commandTimeoutMs: number,
): Redis {
  const redis = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    retryStrategy: () => RECONNECT_DELAY_MS,
  });
  redis.on("error", onError);
  return redis;
}

/** What a Redis that was reached says about itself. */
export interface RedisReport {
  readonly version: string;
  /** Must be noeviction: anything else would drop jobs under memory pressure. */
  readonly maxmemoryPolicy: string | null;
  readonly isPersistent: boolean;
}

/**
 * Connects once and asks. @throws RedisUnavailableError when nothing answers in time
 */
export async function assertRedisReachable(options: {
  redisUrl: string;
  timeoutMs: number;
}): Promise<RedisReport> {
  const redis = new Redis(options.redisUrl, {
    lazyConnect: true,
    connectTimeout: options.timeoutMs,
    commandTimeout: options.timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on("error", () => undefined); // the rejected command below tells the same
  try {
    await redis.connect();
    return readReport(await redis.info());
  } catch (error) {
    throw new RedisUnavailableError(
      `cannot reach Redis at ${hideCredentials(options.redisUrl)} (${reasonOf(error)}): start it, correct SLUICE_REDIS_URL or redis.url, or leave both out to let sluice start run a Redis of its own`,
      { cause: error },
    );
  } finally {
    redis.disconnect();
  }
}

function readReport(info: string): RedisReport {
  const fields = new Map(
    info.split("\r\n").map((line): [string, string] => {
      const [key = "", ...value] = line.split(":");
      return [key, value.join(":")];
    }),
  );
  return {
    version: fields.get("redis_version") ?? "unknown",
    maxmemoryPolicy: fields.get("maxmemory_policy") ?? null,
    isPersistent: fields.get("aof_enabled") === "1",
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A URL fit for people's eyes and logs. */
export function hideCredentials(redisUrl: string): string {
  if (!URL.canParse(redisUrl)) return "the configured URL";
  const url = new URL(redisUrl);
  return `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}
