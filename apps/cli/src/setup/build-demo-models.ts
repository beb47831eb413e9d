import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { SluiceConfig } from "@sluice/config";
import { DEMO_MODELS, findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";

/** Builds all demo models into `folder`, each in a folder of its name; the same bytes every time. */
export async function buildDemoModels(folder: string): Promise<void> {
  for (const name of DEMO_MODELS) await buildFromCard(findModelCard(name), join(folder, name));
}

/**
 * Builds those demo models that the built-in configuration names and that are not there. Gives their number.
 */
export async function buildMissingDemoModels(config: SluiceConfig): Promise<number> {
  const missing = Array.from(config.ensembles.values())
    .flatMap(({ members }) => members.map(({ model }) => model))
    .filter((folder) => !existsSync(join(folder, "onnx", "model.onnx")));
  for (const folder of missing) {
    const name = DEMO_MODELS.find((demoModel) => demoModel === basename(folder));
    if (name !== undefined) await buildFromCard(findModelCard(name), folder);
  }
  return missing.length;
}
