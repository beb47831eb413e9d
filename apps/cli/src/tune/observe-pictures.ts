import type { WorkerConfig } from "@sluice/config";
import { observe, planStages, type Ensemble, type Observation } from "@sluice/inference";
import type { LoadedEnsemble } from "@sluice/models";
import { LocalEngine } from "../classify/local-engine.ts";
import { outcomeOf } from "../classify/result-format.ts";
import type { CommandContext } from "../command-context.ts";
import type { PictureFile } from "../pictures/list-pictures.ts";

export interface ObservedPicture {
  readonly observation: Observation;
  /** Name of its sub-folder. */
  readonly label: string | null;
}

export interface ObservedPictures {
  readonly pictures: readonly ObservedPicture[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Files with the bytes of another one: they count once. */
  readonly copies: number;
}

export interface ObservationRequest {
  readonly files: readonly PictureFile[];
  readonly loaded: LoadedEnsemble;
  /** The same members in stages. */
  readonly staged: Ensemble;
  readonly settings: WorkerConfig;
  readonly context: CommandContext;
}

/** Runs all members over all pictures and keeps what a cascade would see, stage by stage. */
export async function observePictures(request: ObservationRequest): Promise<ObservedPictures> {
  const { files, loaded, staged, settings, context } = request;
  const plans = planStages(staged);
  const thresholds = staged.cascade?.thresholds ?? [];
  await using engine = await LocalEngine.start(loaded, settings, { keepsRows: true });
  const labels = new Map(files.map(({ path, label }) => [path, label]));
  const pictures: ObservedPicture[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const seen = new Set<string>();
  let done = 0;
  const inputs = files.map(({ path }) => ({ name: path, path }));
  for await (const { input, classification, rows } of engine.classify(inputs, context.signal)) {
    done += 1;
    context.terminal.showProgress(`all members: ${done} of ${files.length} pictures`);
    if (classification.kind !== "classified") {
      skipped.push({ path: input.name, reason: outcomeOf(classification) });
      continue;
    }
    if (rows === undefined || seen.has(classification.sha256)) continue;
    seen.add(classification.sha256);
    const observation = observe(plans, thresholds, rows);
    if (observation === null) continue;
    pictures.push({ observation, label: labels.get(input.name) ?? null });
  }
  context.terminal.clearProgress();
  return { pictures, skipped, copies: files.length - skipped.length - pictures.length };
}
