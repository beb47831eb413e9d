import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SluiceConfig } from "@sluice/config";
import {
  findOrInstallRedis,
  findRunningRedis,
  startLocalRedis,
  type LocalRedis,
  type LocalRedisOptions,
} from "@sluice/local-redis";
import { assertRedisReachable } from "@sluice/queue";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import type { StackEvents } from "./stack-events.ts";

export interface StackRedis extends AsyncDisposable {
  readonly url: string;
  /** Rejects when our own Redis cannot be kept running; never resolves. */
  readonly failure: Promise<never>;
}

export interface StackRedisOptions {
  readonly config: SluiceConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: StackEvents;
}

const ANSWER_TIMEOUT_MS = 5000;
/** Loading a large append-only file takes a while. */
const START_TIMEOUT_MS = 60_000;
const RESTART_DELAY_MS = 250;

/**
 * The configured Redis when there is one, else one of our own in the data folder, which ends with the stack.
 * Throws RedisUnavailableError, RedisMissingError, RedisStartError (exit code 69).
 */
export async function openStackRedis(options: StackRedisOptions): Promise<StackRedis> {
  const { config, env, events } = options;
  const { url } = config.redis;
  if (url !== null) {
    const report = await assertRedisReachable({ redisUrl: url, timeoutMs: ANSWER_TIMEOUT_MS });
    events.redisReady({ url, isOwn: false, maxmemoryPolicy: report.maxmemoryPolicy });
    return { url, failure: forever(), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const program = await findOrInstallRedis({
    env,
    onInstall: (message) => events.redisInstalling(message),
  });
  const dataDir = ownRedisDir(config);
  return keepOwnRedis({ program, dataDir, startTimeoutMs: START_TIMEOUT_MS }, events);
}

/** Address of the Redis that a running stack uses; null when it is one of our own and does not run. */
export async function findStackRedis(config: SluiceConfig): Promise<string | null> {
  return config.redis.url ?? (await findRunningRedis(ownRedisDir(config)));
}

function ownRedisDir(config: SluiceConfig): string {
  return join(config.dataDir, "redis");
}

async function keepOwnRedis(options: LocalRedisOptions, events: StackEvents): Promise<StackRedis> {
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined); // whoever waits for it gets it
  let server = await startLocalRedis(options);
  const { url } = server;
  events.redisReady({ url, isOwn: true, maxmemoryPolicy: "noeviction" });
  const keeping = keep().catch(failure.reject);
  return {
    url,
    failure: failure.promise,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await keeping;
    },
  };

  /** Starts it again whenever it ends by itself; the apps wait for it and go on. */
  async function keep(): Promise<void> {
    while (!(await server.exited).wasStopped) {
      events.redisEnded({ restartInMs: RESTART_DELAY_MS });
      await delay(RESTART_DELAY_MS);
      server = await restartAt(url, options);
      events.redisReady({ url, isOwn: true, maxmemoryPolicy: "noeviction" });
    }
  }
}

/** The running apps know one address: at another one they would wait for ever. */
async function restartAt(url: string, options: LocalRedisOptions): Promise<LocalRedis> {
  const server = await startLocalRedis(options);
  if (server.url === url) return server;
  await server.stop();
  throw new CliError(
    "REDIS_ADDRESS_TAKEN",
    "our Redis ended and its port is taken by another program now; start Sluice again",
    { exitCode: EXIT_CODE.unavailable },
  );
}

function forever(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}
