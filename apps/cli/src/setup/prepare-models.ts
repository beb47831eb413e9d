import type { SluiceConfig } from "@sluice/config";
import type { Terminal } from "../terminal/terminal.ts";

/** With the built-in configuration the demo models are built where they are missing. */
export async function prepareModels(config: SluiceConfig, terminal: Terminal): Promise<void> {
  if (config.configPath !== null) return;
  // Loaded only here: a site with models of its own has no use for it.
  const { buildMissingDemoModels } = await import("./build-demo-models.ts");
  const built = await buildMissingDemoModels(config);
  if (built > 0) terminal.say(`built ${built} demo models in ${config.dataDir}/models`);
}
