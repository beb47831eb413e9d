import { Redis, type RedisOptions } from "ioredis";

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
export function connectPatient({ redisUrl, onError }: QueueOptions): PatientRedis {
  const redis = new PatientRedis(redisUrl, {
    maxRetriesPerRequest: null,
    retryStrategy: () => RECONNECT_DELAY_MS,
  });
  redis.on("error", onError);
  return redis;
}

/** Knows the connections that BullMQ makes from it for blocking reads, so that all of them can be closed at any time. */
export class PatientRedis extends Redis {
  readonly #duplicates: Redis[] = [];

  override duplicate(override?: Partial<RedisOptions>): Redis {
    const duplicate = super.duplicate(override);
    this.#duplicates.push(duplicate);
    return duplicate;
  }

  /** Closes at once, also while Redis is away; commands that still wait are rejected. */
  close(): void {
    for (const redis of [this, ...this.#duplicates]) closeAtOnce(redis);
  }
}

/**
 * `disconnect()` of ioredis 6.0 between two tries to reconnect only forgets the next try: it neither rejects the
 * commands that wait nor tells that the connection has ended, and BullMQ's `close()` waits for both without end. Ended while a try is
 * under way it does both.
 */
function closeAtOnce(redis: Redis): void {
  const isBetweenTries = redis.status === "reconnecting";
  redis.disconnect();
  if (!isBetweenTries) return;
  redis.connect().catch(() => undefined); // ended by the next line, which is what rejects it
  redis.disconnect();
}

/** A connection that fails fast: a command is refused at once while Redis is away. For producers. */
export function connectFailFast(
  { redisUrl, onError }: QueueOptions,
  commandTimeoutMs: number,
): Redis {
  const redis = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: commandTimeoutMs,
    commandTimeout: commandTimeoutMs,
    retryStrategy: () => RECONNECT_DELAY_MS,
  });
  redis.on("error", onError);
  return redis;
}

/**
 * Resolves when the try to connect has come to an end, good or bad, at the latest after `timeoutMs`. A connection
 * that fails fast would otherwise refuse the first commands of a process only because it was opened a millisecond before.
 */
export async function firstConnectAttempt(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === "ready") return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  for (const outcome of OUTCOMES) redis.once(outcome, resolve);
  await promise;
  clearTimeout(timer);
  for (const outcome of OUTCOMES) redis.off(outcome, resolve);
}

const OUTCOMES = ["ready", "error", "close", "end"] as const;
