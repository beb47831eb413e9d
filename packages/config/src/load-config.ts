import { dirname } from "node:path";
import { applyEnvironment } from "./apply-environment.ts";
import { ConfigError } from "./config-error.ts";
import { configFileSchema } from "./config-file.ts";
import { findContradictions } from "./cross-checks.ts";
import { defaultConfig } from "./default-config.ts";
import { describeIssues } from "./describe-issues.ts";
import { findFolderConflicts } from "./folder-checks.ts";
import { readConfigFile } from "./read-config-file.ts";
import { readEnv, type Environment } from "./read-env.ts";
import { resolveConfig } from "./resolve-config.ts";
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
 * @throws ConfigError with every problem at once: those of the environment together with those of the file. Contradictions
 *   between settings are looked for when each setting is right by itself.
 */
export async function loadConfig({ env, cwd }: LoadOptions): Promise<SluiceConfig> {
  const { settings, problems } = await readEnv(env, cwd);
  const file = await readConfigFile(settings.configPath, cwd);
  const where = file.path ?? (problems.length > 0 ? "the environment" : "the built-in default");
  if (file.problems.length > 0) throw new ConfigError(where, [...problems, ...file.problems]);

  const raw = file.path === null ? defaultConfig(settings.dataDir) : file.raw;
  const { merged, origins } = applyEnvironment(raw, settings);
  const parsed = configFileSchema.safeParse(merged);
  if (!parsed.success) problems.push(...describeIssues(parsed.error, merged, origins));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(where, problems);

  const base = file.path === null ? cwd : dirname(file.path);
  const config = resolveConfig(parsed.data, { configPath: file.path, base, cwd, settings });
  const contradictions = [...findContradictions(config), ...(await findFolderConflicts(config))];
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

/** The key of the object endpoint, for a process that serves or reads objects there. @throws ConfigError when there is none */
export function requireObjectKey(config: SluiceConfig): string {
  const { key } = config.objectEndpoint;
  if (key !== null) return key;
  throw new ConfigError(config.configPath ?? "the environment", [
    "SLUICE_OBJECT_KEY: not set, and the object endpoint needs it; give ingest and workers the same one, made with openssl rand -hex 32",
  ]);
}
