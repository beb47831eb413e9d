import { nearestName } from "./nearest-name.ts";
import { readSecret } from "./read-secret.ts";

/** What the environment says; it beats the file. Null: says nothing. */
export interface EnvironmentSettings {
  readonly configPath: string | null;
  readonly dataDir: string | null;
  readonly redisUrl: { readonly url: string; readonly variable: string } | null;
  readonly logLevel: string | null;
  readonly logFormat: string | null;
  readonly workerId: string | null;
  readonly workerDevices: string | null;
  readonly workerEnsemble: string | null;
  readonly httpHost: string | null;
  /** What ingest and workers share, for the object endpoint. */
  readonly objectKey: string | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const KNOWN = [
  "SLUICE_CONFIG",
  "SLUICE_DATA_DIR",
  "SLUICE_REDIS_URL",
  "SLUICE_REDIS_URL_FILE",
  "SLUICE_LOG_LEVEL",
  "SLUICE_LOG_FORMAT",
  "SLUICE_WORKER_ID",
  "SLUICE_WORKER_DEVICES",
  "SLUICE_WORKER_ENSEMBLE",
  "SLUICE_HTTP_HOST",
  "SLUICE_OBJECT_KEY",
  "SLUICE_OBJECT_KEY_FILE",
];
/** Read by the launcher and by tests, not by the configuration. */
const OTHERS = /^SLUICE_(?:TOOLCHAIN|TEST_|FAULT_)/u;
/** Stands in every verdict and log line of a worker. */
const WORKER_ID = /^[\x21-\x7E]{1,128}$/u;

/** A key that nobody guesses. */
const LEAST_KEY_LENGTH = 32;

/** Reads the variables that begin with SLUICE_. An empty one counts as unset. Relative paths begin at `cwd`. */
export async function readEnv(
  env: Environment,
  cwd: string,
): Promise<{ settings: EnvironmentSettings; problems: string[] }> {
  const read = (key: string): string | null => {
    const value = env[key];
    return value === undefined || value === "" ? null : value;
  };
  const workerId = read("SLUICE_WORKER_ID");
  const redis = await readSecret(read, { variable: "SLUICE_REDIS_URL", what: "a Redis URL", cwd });
  const key = await readSecret(read, { variable: "SLUICE_OBJECT_KEY", what: "the key", cwd });
  const problems = [...findUnknown(env), ...redis.problems, ...key.problems];
  if (key.value !== null && key.value.length < LEAST_KEY_LENGTH) {
    problems.push(
      `${key.variable}: expected at least ${LEAST_KEY_LENGTH} characters; make one with openssl rand -hex 32`,
    );
  }
  if (workerId !== null && !WORKER_ID.test(workerId)) {
    problems.push(
      `SLUICE_WORKER_ID: expected 1 to 128 printable ASCII characters without spaces, received ${JSON.stringify(workerId.slice(0, 128))}; correct it, or leave it out for the host's name`,
    );
  }
  const settings = {
    configPath: read("SLUICE_CONFIG"),
    dataDir: read("SLUICE_DATA_DIR"),
    redisUrl: redis.value === null ? null : { url: redis.value, variable: redis.variable },
    logLevel: read("SLUICE_LOG_LEVEL"),
    logFormat: read("SLUICE_LOG_FORMAT"),
    workerId,
    workerDevices: read("SLUICE_WORKER_DEVICES"),
    workerEnsemble: read("SLUICE_WORKER_ENSEMBLE"),
    httpHost: read("SLUICE_HTTP_HOST"),
    objectKey: key.value,
  };
  return { settings, problems };
}

function findUnknown(env: Environment): string[] {
  return Object.keys(env)
    .filter((key) => key.startsWith("SLUICE_") && !KNOWN.includes(key) && !OTHERS.test(key))
    .map((key) => {
      const near = nearestName(key, KNOWN);
      const hint = near === null ? `known are ${KNOWN.join(", ")}` : `did you mean ${near}?`;
      return `${key}: unknown variable; ${hint}`;
    });
}
