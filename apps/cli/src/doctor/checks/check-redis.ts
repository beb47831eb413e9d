import type { SluiceConfig } from "@sluice/config";
import { findOnPath } from "@sluice/local-redis";
import { assertRedisReachable, hideCredentials } from "@sluice/queue";
import { findStackRedis } from "../../stack/stack-redis.ts";
import { broken, ok, warning, type Finding } from "../finding.ts";

const ANSWER_TIMEOUT_MS = 5000;
const LEAST_VERSION = [6, 2] as const;

/** The Redis that is configured, or that a running stack uses; else whether one could be started. */
export async function checkRedis(
  config: SluiceConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  const url = await findStackRedis(config);
  if (url === null) return [checkProgram(env)];
  const where = hideCredentials(url);
  try {
    const report = await assertRedisReachable({ redisUrl: url, timeoutMs: ANSWER_TIMEOUT_MS });
    return [checkVersion(report.version, where), checkSettings(report)];
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy =
      'start it, correct SLUICE_REDIS_URL or redis.url, or leave both out: then "sluice start" runs one';
    return [broken("Redis", `${where} does not answer (${reason})`, remedy)];
  }
}

function checkProgram(env: Readonly<Record<string, string | undefined>>): Finding {
  const program = findOnPath(env);
  if (program !== null) {
    return ok(
      "Redis",
      `none is configured; "sluice start" runs ${program} with settings of its own`,
    );
  }
  const remedy = "install redis-server or valkey-server, or set SLUICE_REDIS_URL";
  return warning("Redis", "none is configured, and no server is on the PATH", remedy);
}

function checkVersion(version: string, where: string): Finding {
  const found = `${version} at ${where}`;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (isEnough) return ok("Redis", found);
  return broken("Redis", found, `install ${LEAST_VERSION.join(".")} or newer; 7 is recommended`);
}

function checkSettings(report: Awaited<ReturnType<typeof assertRedisReachable>>): Finding {
  const { maxmemoryPolicy, isPersistent, warnings } = report;
  const policy = maxmemoryPolicy ?? "unknown";
  const found = `maxmemory-policy ${policy}, ${isPersistent ? "persistent" : "not persistent"}`;
  if (warnings.length === 0) return ok("Redis settings", found);
  return warning("Redis settings", found, warnings.join(" "));
}
