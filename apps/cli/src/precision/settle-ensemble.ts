import type { EnsembleConfig, SluiceConfig } from "@sluice/config";
import { openGraphTimer } from "@sluice/inference-onnx";
import { describeChoice, settlePrecisions, type SettledMember } from "@sluice/models";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** An ensemble in which every member has a precision. */
export interface SettledEnsemble extends Omit<EnsembleConfig, "members"> {
  readonly members: readonly SettledMember<EnsembleConfig["members"][number]>[];
}

/** Turns `precision: auto` into what this machine runs fastest, and tells which and why. */
export async function settleEnsemble(
  ensemble: EnsembleConfig,
  options: {
    readonly config: SluiceConfig;
    readonly terminal: Terminal;
    /** Measure again, whatever is remembered. */
    readonly isRemeasuring?: boolean;
  },
): Promise<SettledEnsemble> {
  const { config, terminal, isRemeasuring = false } = options;
  const { intraOpThreads, maxBatchItems, variantTimingMs, graphCacheDir } = config.worker;
  const { members, choices } = await settlePrecisions(ensemble.members, {
    limits: ensemble.variantLimits,
    graphCacheDir,
    isRemeasuring,
    hasMixedDevices: false,
    openTimer: async () => {
      terminal.showProgress("looking for the fastest precision");
      return await openGraphTimer({
        provider: "cpu",
        deviceName: null,
        intraOpThreads,
        rows: maxBatchItems,
        limitMs: variantTimingMs,
      });
    },
  });
  terminal.clearProgress();
  for (const choice of choices) terminal.say(escapeControls(describeChoice(choice)));
  return { ...ensemble, members };
}
