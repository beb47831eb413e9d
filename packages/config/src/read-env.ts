import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { nearestName } from "./nearest-name.ts";

/** What the environment says; it beats the file. Null: says nothing. */
export interface EnvironmentSettings {
  readonly configPath: string | null;
  readonly dataDir: string | null;
  readonly redisUrl: { readonly url: string; readonly variable: string } | null;
  readonly logLevel: string | null;
  readonly logFormat: string | null;
  readonly workerId: string | null;
  readonly httpHost: string | null;
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
  "SLUICE_HTTP_HOST",
];
/** Read by the launcher and by tests, not by the configuration. */
const OTHERS = /^SLUICE_(?:TOOLCHAIN|TEST_|FAULT_)/u;
/** Stands in every verdict and log line of a worker. */
const WORKER_ID = /^[\x21-\x7E]{1,128}$/u;

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
  const redis = await readRedisUrl(read("SLUICE_REDIS_URL"), read("SLUICE_REDIS_URL_FILE"), cwd);
  const problems = [...findUnknown(env), ...redis.problems];
  if (workerId !== null && !WORKER_ID.test(workerId)) {
    problems.push(
      `SLUICE_WORKER_ID: expected 1 to 128 printable ASCII characters without spaces, received ${JSON.stringify(workerId.slice(0, 128))}; correct it, or leave it out for the host's name`,
    );
  }
  const settings = {
    configPath: read("SLUICE_CONFIG"),
    dataDir: read("SLUICE_DATA_DIR"),
    redisUrl: redis.found,
    logLevel: read("SLUICE_LOG_LEVEL"),
    logFormat: read("SLUICE_LOG_FORMAT"),
    workerId,
    httpHost: read("SLUICE_HTTP_HOST"),
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

interface FoundUrl {
  readonly found: EnvironmentSettings["redisUrl"];
  readonly problems: readonly string[];
}

/** The file form keeps the password out of the process list and of `docker inspect`. */
async function readRedisUrl(
  url: string | null,
  file: string | null,
  cwd: string,
): Promise<FoundUrl> {
  const fail = (problem: string): FoundUrl => ({ found: null, problems: [problem] });
  if (file === null) {
    return { found: url === null ? null : { url, variable: "SLUICE_REDIS_URL" }, problems: [] };
  }
  if (url !== null) {
    return fail("SLUICE_REDIS_URL and SLUICE_REDIS_URL_FILE: both are set; keep one");
  }
  const path = resolve(cwd, file);
  try {
    const text = (await readFile(path, "utf8")).trim();
    if (text !== "")
      return { found: { url: text, variable: "SLUICE_REDIS_URL_FILE" }, problems: [] };
    return fail(
      `SLUICE_REDIS_URL_FILE: expected a Redis URL in ${path}, the file is empty; write it there`,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `SLUICE_REDIS_URL_FILE: cannot read ${path} (${reason}); create it, or make it readable for this user`,
    );
  }
}
