import { mkdir } from "node:fs/promises";
import { ConfigError, type SluiceConfig } from "@sluice/config";
import { CliError } from "../cli-error.ts";
import { readAppStates } from "../inspect/app-state.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { createDefaultFolders, findFolderProblems } from "./check-folders.ts";
import { findLabelProblems } from "./check-labels.ts";
import { checkModels } from "./check-models.ts";
import { prepareModels } from "./prepare-models.ts";

/**
 * Makes sure, before anything is started, that the configuration fits what is there: folders, models, labels. With
 * the built-in configuration folders and demo models are made. Throws ConfigError with every problem, or CliError
 * (ALREADY_RUNNING).
 */
export async function prepare(config: SluiceConfig, terminal: Terminal): Promise<void> {
  const where = config.configPath ?? "the built-in default";
  await makeDataFolder(config, where);
  await refuseSecondStack(config);
  if (config.configPath === null) await prepareDefault(config, terminal);
  const folderProblems = await findFolderProblems(config.roots);
  const models = await checkModels(config.ensembles);
  const labelProblems = findLabelProblems(config, models.labels);
  const problems = [...folderProblems, ...models.problems, ...labelProblems];
  if (problems.length > 0) throw new ConfigError(where, problems);
}

async function makeDataFolder({ dataDir }: SluiceConfig, where: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (error) {
    throw new ConfigError(
      where,
      [
        `dataDir: ${dataDir} cannot be created (${String(error)}); name a folder that this user may write`,
      ],
      { cause: error },
    );
  }
}

/** Two stacks on one data folder would fight over its databases. */
async function refuseSecondStack({ dataDir, http }: SluiceConfig): Promise<void> {
  const states = await readAppStates(http.runDir);
  const running = states.find(
    ({ condition }) => condition === "ready" || condition === "not-ready",
  );
  if (running === undefined) return;
  throw new CliError(
    "ALREADY_RUNNING",
    `Sluice already runs with the data folder ${dataDir} (${running.name}, process ${running.pid}); stop it first, or choose another dataDir`,
  );
}

async function prepareDefault(config: SluiceConfig, terminal: Terminal): Promise<void> {
  await createDefaultFolders(config);
  await prepareModels(config, terminal);
  terminal.say("no sluice.yaml here: using the demo models, which know nothing of the world");
}
