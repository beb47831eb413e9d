import { readFileSync } from "node:fs";
import { ConfigError } from "./config-error.ts";

/** What the environment says; it beats the file. */
export interface EnvironmentSettings {
  readonly configPath: string | null;
  readonly dataDir: string | null;
  readonly redisUrl: string | null;
  readonly logLevel: string | null;
  readonly logFormat: string | null;
  readonly workerId: string | null;
  readonly httpHost: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN = new Set([
  "SLUICE_CONFIG",
  "SLUICE_DATA_DIR",
  "SLUICE_REDIS_URL",
  "SLUICE_REDIS_URL_FILE",
  "SLUICE_LOG_LEVEL",
  "SLUICE_LOG_FORMAT",
  "SLUICE_WORKER_ID",
  "SLUICE_HTTP_HOST",
]);
/** Read by the launcher, not by the configuration. */
const OTHERS = /^SLUICE_(?:TOOLCHAIN|TEST_|FAULT_)/u;

/** Reads the variables that begin with SLUICE_. An empty one counts as unset. @throws ConfigError */
export function readEnv(env: Environment): EnvironmentSettings {
  const unknown = Object.keys(env).filter(
    (key) => key.startsWith("SLUICE_") && !KNOWN.has(key) && !OTHERS.test(key),
  );
  if (unknown.length > 0) {
    throw new ConfigError(
      "the environment",
      unknown.map((key) => `${key}: unknown variable; known are ${[...KNOWN].join(", ")}`),
    );
  }
  const read = (key: string): string | null => {
    const value = env[key];
    return value === undefined || value === "" ? null : value;
  };
  return {
    configPath: read("SLUICE_CONFIG"),
    dataDir: read("SLUICE_DATA_DIR"),
    redisUrl: readRedisUrl(read("SLUICE_REDIS_URL"), read("SLUICE_REDIS_URL_FILE")),
    logLevel: read("SLUICE_LOG_LEVEL"),
    logFormat: read("SLUICE_LOG_FORMAT"),
    workerId: read("SLUICE_WORKER_ID"),
    httpHost: read("SLUICE_HTTP_HOST"),
  };
}

function readRedisUrl(url: string | null, file: string | null): string | null {
  if (url !== null && file !== null) {
    throw new ConfigError("the environment", [
      "SLUICE_REDIS_URL and SLUICE_REDIS_URL_FILE: both are set; keep one",
    ]);
  }
  if (file === null) return url;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new ConfigError("the environment", [`SLUICE_REDIS_URL_FILE: cannot read ${file}`], {
      cause: error,
    });
  }
}
