import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { ConfigError } from "./config-error.ts";
import { configFileSchema, type ConfigFile } from "./config-file.ts";
import { findContradictions } from "./cross-checks.ts";
import { DEFAULT_CONFIG } from "./default-config.ts";
import { describeIssues } from "./describe-issues.ts";
import { readEnv, type Environment, type EnvironmentSettings } from "./read-env.ts";
import { SETTING_NAMES } from "./setting-names.ts";
import type { SluiceConfig } from "./sluice-config.ts";

export interface LoadOptions {
  readonly env: Environment;
  /** Where `sluice.yaml` is looked for and relative paths of the environment begin. */
  readonly cwd: string;
}

/**
 * Reads the configuration: the file that SLUICE_CONFIG names, else `./sluice.yaml`, else the built-in default;
 * the environment beats the file. Nothing is repaired and nothing unknown is passed over.
 *
 * @throws ConfigError with every problem at once
 */
export async function loadConfig({ env, cwd }: LoadOptions): Promise<SluiceConfig> {
  const settings = readEnv(env);
  const { path, raw } = await readRaw(settings, cwd);
  const where = path ?? "the built-in default";
  const parsed = configFileSchema.safeParse(override(raw, settings));
  if (!parsed.success) {
    throw new ConfigError(where, describeIssues(parsed.error, raw, SETTING_NAMES));
  }
  const base = path === null ? cwd : dirname(path);
  const config = absolute(parsed.data, { path, base, cwd, settings });
  const contradictions = findContradictions(config);
  if (contradictions.length > 0) throw new ConfigError(where, contradictions);
  return config;
}

/** The Redis URL, for a process that cannot start one itself. @throws ConfigError when there is none */
export function requireRedisUrl(config: SluiceConfig): string {
  if (config.redis.url !== null) return config.redis.url;
  throw new ConfigError(config.configPath ?? "the environment", [
    "SLUICE_REDIS_URL: not set, and redis.url neither; set one, or use sluice start, which runs a Redis of its own",
  ]);
}

async function readRaw(
  settings: EnvironmentSettings,
  cwd: string,
): Promise<{ path: string | null; raw: unknown }> {
  const named = settings.configPath === null ? null : resolve(cwd, settings.configPath);
  const path = named ?? join(cwd, "sluice.yaml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (named === null && isMissing(error)) return { path: null, raw: DEFAULT_CONFIG };
    throw new ConfigError(path, [`cannot read the file: ${String(error)}`], { cause: error });
  }
  const document = parseDocument(text, { strict: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      path,
      document.errors.map((problem) => `not valid YAML: ${problem.message.split("\n")[0]}`),
    );
  }
  return { path, raw: document.toJS({ maxAliasCount: 100 }) };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** The environment beats the file, setting by setting. */
function override(raw: unknown, settings: EnvironmentSettings): unknown {
  if (typeof raw !== "object" || raw === null) return raw;
  const section = (key: string): object => {
    const value: unknown = Reflect.get(raw, key);
    return typeof value === "object" && value !== null ? value : {};
  };
  const { redisUrl, logLevel, logFormat, httpHost } = settings;
  return {
    ...raw,
    redis: { ...section("redis"), ...(redisUrl !== null && { url: redisUrl }) },
    log: {
      ...section("log"),
      ...(logLevel !== null && { level: logLevel }),
      ...(logFormat !== null && { format: logFormat }),
    },
    http: { ...section("http"), ...(httpHost !== null && { host: httpHost }) },
  };
}

function absolute(
  file: ConfigFile,
  {
    path,
    base,
    cwd,
    settings,
  }: { path: string | null; base: string; cwd: string; settings: EnvironmentSettings },
): SluiceConfig {
  const dataDir =
    settings.dataDir === null ? resolve(base, file.dataDir) : resolve(cwd, settings.dataDir);
  const { vault, ...moderation } = file.moderation;
  return {
    configPath: path,
    dataDir,
    redis: { url: file.redis.url ?? null, prefix: file.redis.prefix },
    roots: mapEntries(file.roots, (root) => ({
      kind: "folder",
      folder: resolve(base, root.folder),
    })),
    sources: file.sources,
    ensembles: mapEntries(file.ensembles, (ensemble) => ({
      ...ensemble,
      members: ensemble.members.map((m) => ({ ...m, model: resolve(base, m.model) })),
    })),
    policies: mapEntries(file.policies, (policy) => policy),
    ingest: { ...file.ingest, journalPath: join(dataDir, "ingest", "journal.sqlite") },
    worker: {
      ...file.worker,
      id: settings.workerId ?? hostname(),
      graphCacheDir: join(dataDir, "cache", "graphs"),
    },
    moderation: {
      ...moderation,
      vaultDir: vault === undefined ? join(dataDir, "vault") : resolve(base, vault),
      databasePath: join(dataDir, "moderation", "records.sqlite"),
    },
    http: { ...file.http, runDir: join(dataDir, "run") },
    log: file.log,
  };
}

function mapEntries<K extends string, V, W>(
  record: Readonly<Record<K, V>>,
  convert: (value: V) => W,
): Map<K, W> {
  const result = new Map<K, W>();
  for (const key in record) {
    result.set(key, convert(record[key]));
  }
  return result;
}
