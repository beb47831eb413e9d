import { resolve } from "node:path";
import { loadConfig, type SluiceConfig } from "@sluice/config";
import type { CommandContext } from "../command-context.ts";

/** Shown in the help of every command that reads the configuration. */
export const CONFIG_OPTION = {
  flags: "--config <file>",
  description: "configuration file (default: $SLUICE_CONFIG, else ./sluice.yaml, else built-in)",
} as const;

export interface CliConfig {
  readonly config: SluiceConfig;
  /** Environment in which another process reads the same configuration, from whatever folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads the configuration that the option or the environment names. Throws ConfigError. */
export async function loadCliConfig(
  { env, cwd }: CommandContext,
  file: string | undefined,
): Promise<CliConfig> {
  const named = file === undefined ? env : { ...env, SLUICE_CONFIG: resolve(cwd, file) };
  const config = await loadConfig({ env: named, cwd });
  const found = config.configPath === null ? {} : { SLUICE_CONFIG: config.configPath };
  return { config, env: { ...named, ...found } };
}
