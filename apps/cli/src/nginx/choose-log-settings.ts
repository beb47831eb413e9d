import { matchesGlob, resolve } from "node:path";
import { folderRoots, type NginxLogSourceConfig, type SluiceConfig } from "@sluice/config";
import type { LogSettings } from "@sluice/source-nginx-log";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { loadCliConfig } from "../setup/load-cli-config.ts";

export interface ChosenLogSettings {
  readonly settings: LogSettings;
  readonly maxLineBytes: number;
  /** Where the uploads lie; null: not on this host, or not said. */
  readonly folder: string | null;
}

export interface LogOptions {
  readonly source?: string | undefined;
  readonly format?: string | undefined;
  readonly folder?: string | undefined;
  /** `prefix=to`. */
  readonly uri: readonly string[];
}

/** By the options alone where they say something of the format, else by a source of the configuration. @throws CliError, ConfigError */
export async function chooseLogSettings(
  log: string,
  {
    options,
    config: file,
    context,
  }: { options: LogOptions; config: string | undefined; context: CommandContext },
): Promise<ChosenLogSettings> {
  const { format, folder, uri } = options;
  if (format !== undefined || folder !== undefined || uri.length > 0) {
    return {
      settings: {
        format: format ?? "sluice",
        uploadHeader: "X-Upload-Path",
        uris: uri.map(toRule),
        files: [],
        maxNames: 32,
      },
      maxLineBytes: 64 << 10,
      folder: folder === undefined ? null : resolve(context.cwd, folder),
    };
  }
  const { config } = await loadCliConfig(context, file);
  const source = chooseSource(config, { name: options.source, log: resolve(context.cwd, log) });
  return {
    settings: source,
    maxLineBytes: source.maxLineBytes,
    folder: folderRoots(config.roots).get(source.root) ?? null,
  };
}

function toRule(rule: string): { prefix: string; to: string } {
  const [prefix = "", to = ""] = rule.split("=");
  return { prefix, to };
}

function chooseSource(
  config: SluiceConfig,
  { name, log }: { readonly name: string | undefined; readonly log: string },
): NginxLogSourceConfig {
  const sources = config.sources.filter((source) => source.kind === "nginx-log");
  const reading = sources.filter((source) => source.logs.some((own) => isOf(log, own)));
  const [only, ...others] = name === undefined ? (reading.length > 0 ? reading : sources) : [];
  const chosen = name === undefined ? only : sources.find((source) => source.name === name);
  if (chosen !== undefined && others.length === 0) return chosen;
  const known = sources.map((source) => source.name).join(", ") || "none";
  throw new CliError(
    "LOG_SOURCE_UNKNOWN",
    `expected a source of kind nginx-log that reads this log, known are ${known}: name one with --source, or say --format and --folder`,
    { exitCode: EXIT_CODE.usage },
  );
}

/** Whether it is the log, one that the pattern finds, or one that either was rotated to. */
function isOf(log: string, own: string): boolean {
  return log === own || matchesGlob(log, own) || matchesGlob(log, `${own}[.-]*`);
}
