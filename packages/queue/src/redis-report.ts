import { Redis } from "ioredis";
import { RedisUnavailableError } from "./errors.ts";
import { hideCredentials } from "./hide-credentials.ts";

/** What a Redis that was reached says about itself. */
export interface RedisReport {
  readonly version: string;
  /** Must be noeviction: anything else would drop jobs under memory pressure. Null when it does not say. */
  readonly maxmemoryPolicy: string | null;
  readonly isPersistent: boolean;
  /** Sentences for the administrator about settings under which jobs can be lost; empty when all is well. */
  readonly warnings: readonly string[];
}

/**
 * Connects once and asks. @throws RedisUnavailableError when nothing answers within `timeoutMs`
 */
export async function assertRedisReachable(options: {
  redisUrl: string;
  timeoutMs: number;
}): Promise<RedisReport> {
  const { redisUrl, timeoutMs } = options;
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let connectionError: Error | null = null;
  redis.on("error", (error: Error) => {
    connectionError ??= error; // says more than the "Connection is closed." that connect() rejects with
  });
  try {
    return describeRedis(await within(timeoutMs, connectAndAsk(redis)));
  } catch (error) {
    throw unreachable(redisUrl, connectionError ?? error);
  } finally {
    redis.disconnect();
  }
}

async function connectAndAsk(redis: Redis): Promise<string> {
  await redis.connect();
  return await redis.info();
}

/** The time-outs of the client are per step and add up; this one is for all of it. */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  work.catch(() => undefined); // when the time is over first, nobody else looks at it
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(redisUrl: string, cause: unknown): RedisUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RedisUnavailableError(
    `cannot reach Redis at ${hideCredentials(redisUrl)} (${reason}): start it, correct SLUICE_REDIS_URL or redis.url, or leave both out to let sluice start run a Redis of its own`,
    { cause },
  );
}

/** Reads the answer of INFO: lines of `name:value`. */
export function describeRedis(info: string): RedisReport {
  const fields = new Map(
    info.split("\r\n").map((line): [string, string] => {
      const [key = "", ...value] = line.split(":");
      return [key, value.join(":")];
    }),
  );
  const facts = {
    version: fields.get("redis_version") ?? "unknown",
    maxmemoryPolicy: fields.get("maxmemory_policy") ?? null,
    isPersistent: fields.get("aof_enabled") === "1",
  };
  return { ...facts, warnings: findRisks(facts) };
}

function findRisks(redis: Omit<RedisReport, "warnings">): string[] {
  const risks: string[] = [];
  const policy = redis.maxmemoryPolicy;
  if (policy !== null && policy !== "noeviction") {
    risks.push(
      `Redis has maxmemory-policy ${policy}: it drops jobs when its memory is full; set maxmemory-policy noeviction`,
    );
  }
  if (!redis.isPersistent) {
    risks.push(
      "Redis keeps no append-only file: a restart of Redis loses what is queued, and it is found again only after ingest.resendAfterMs; set appendonly yes",
    );
  }
  return risks;
}
