import type { SluiceConfig } from "@sluice/config";
import { openGraphTimer } from "@sluice/inference-onnx";
import {
  describeChoice,
  loadEnsemble,
  settlePrecisions,
  type LoadedEnsemble,
} from "@sluice/models";
import { chooseEnsemble } from "./choose-ensemble.ts";
import type { EngineSettings } from "./engine-settings.ts";
import type { FromEngine } from "./messages.ts";

export interface SettlingPlace extends Pick<
  EngineSettings,
  "provider" | "deviceName" | "hasMixedDevices" | "intraOpThreads"
> {
  readonly tell: (message: FromEngine) => void;
}

/**
 * Loads the ensemble of this worker, and tells what each `precision: auto` became: what the device runs fastest.
 *
 * @throws ConfigError, ModelError, EnsembleInvalidError
 */
export async function loadSettledEnsemble(
  config: SluiceConfig,
  { provider, deviceName, hasMixedDevices, intraOpThreads, tell }: SettlingPlace,
): Promise<LoadedEnsemble> {
  const { worker } = config;
  const [name, ensemble] = chooseEnsemble(config);
  const { maxBatchItems, variantTimingMs, graphCacheDir } = worker;
  const timing = { intraOpThreads, rows: maxBatchItems, limitMs: variantTimingMs };
  const { members, choices } = await settlePrecisions(ensemble.members, {
    limits: ensemble.variantLimits,
    graphCacheDir,
    isRemeasuring: false,
    hasMixedDevices,
    openTimer: async () => await openGraphTimer({ provider, deviceName, ...timing }),
  });
  if (choices.length > 0) {
    const told = choices.map((choice) => ({ ...choice, summary: describeChoice(choice) }));
    tell({ type: "precisions", choices: told });
  }
  return await loadEnsemble(name, { ...ensemble, members }, graphCacheDir);
}
