import { resolve } from "node:path";
import {
  DEFAULT_VARIANT_LIMITS,
  readEnsembleFile,
  type EnsembleConfig,
  type SluiceConfig,
} from "@sluice/config";
import { ensembleNameSchema, type EnsembleName } from "@sluice/contracts";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";

export interface EnsembleChoice {
  /** An ensemble file, or the name of an ensemble of the configuration. */
  readonly ensemble?: string | undefined;
  /** Model directories, all counting the same. */
  readonly model?: readonly string[] | undefined;
}

/**
 * The ensemble that a command was told to use; without a word of it the configuration's only one.
 *
 * @throws CliError USAGE when none or several fit, ConfigError for a wrong ensemble file
 */
export async function chooseEnsemble(
  choice: EnsembleChoice,
  config: SluiceConfig,
  context: CommandContext,
): Promise<[EnsembleName, EnsembleConfig]> {
  const { ensemble, model = [] } = choice;
  if (ensemble !== undefined && model.length > 0) {
    throw usage("expected --ensemble or --model, not both");
  }
  if (model.length > 0) return [ensembleNameSchema.parse("models"), ofModels(model, context.cwd)];
  if (ensemble === undefined) return onlyOne(config);
  const named = [...config.ensembles].find(([name]) => name === ensemble);
  return named ?? (await readEnsembleFile(ensemble, context.cwd));
}

function ofModels(folders: readonly string[], cwd: string): EnsembleConfig {
  const members = folders.map((folder) => {
    return {
      model: resolve(cwd, folder),
      precision: "float32" as const,
      weight: 1,
      temperature: 1,
      set: null,
    };
  });
  return {
    members,
    fusion: "mean",
    views: "center",
    frames: "all",
    embeddings: "none",
    scoreFloor: 0.001,
    variantLimits: DEFAULT_VARIANT_LIMITS,
    cascade: null,
  };
}

function onlyOne({ ensembles }: SluiceConfig): [EnsembleName, EnsembleConfig] {
  const [first, ...others] = ensembles;
  if (first !== undefined && others.length === 0) return first;
  const names = [...ensembles.keys()].join(", ");
  throw usage(`the configuration has several ensembles (${names}); choose one by --ensemble`);
}

function usage(problem: string): CliError {
  return new CliError("USAGE", problem, { exitCode: EXIT_CODE.usage });
}
