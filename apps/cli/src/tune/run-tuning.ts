import { basename } from "node:path";
import type { CascadeConfig, EnsembleConfig, SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";
import type { CascadeParts, WatchedThreshold } from "@sluice/inference";
import { loadEnsemble, type LoadedEnsemble } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { listPictures, type PictureFile } from "../pictures/list-pictures.ts";
import { settleEnsemble } from "../precision/settle-ensemble.ts";
import { chooseThresholds, type NamedThreshold } from "./choose-thresholds.ts";
import type { TuningReport } from "./format-tuning.ts";
import { measureCosts, type Costs } from "./measure-costs.ts";
import { observePictures, type ObservedPictures } from "./observe-pictures.ts";
import { orderStages } from "./order-stages.ts";
import { tuneEnsemble, type TuningOptions } from "./tune-ensemble.ts";

export interface TuningRequest extends TuningOptions {
  /** Absolute path of a folder. */
  readonly data: string;
  readonly name: EnsembleName;
  readonly ensemble: EnsembleConfig;
  /** Whether the configuration has it, and so policies that are its own. */
  readonly isConfigured: boolean;
  readonly threshold: readonly NamedThreshold[];
  readonly maxPictures: number;
  readonly config: SluiceConfig;
  readonly context: CommandContext;
}

export interface TuningRun extends Pick<ObservedPictures, "skipped" | "copies"> {
  readonly report: TuningReport;
  /** With the chosen cascade; null: there is none. */
  readonly ensemble: EnsembleConfig | null;
}

/** @throws CliError USAGE, EXAMPLES_INVALID; ModelError, EnsembleInvalidError */
export async function runTuning(request: TuningRequest): Promise<TuningRun> {
  const { ensemble, config, context, name, isConfigured } = request;
  const files = await listData(request);
  const settled = await settleEnsemble(ensemble, { config, terminal: context.terminal });
  const whole = { ...settled, cascade: null };
  const { worker } = config;
  const loaded = await loadEnsemble(name, whole, worker.graphCacheDir);
  const names = requireNames(ensemble);
  const { labels } = loaded.ensemble;
  const own = isConfigured ? name : null;
  const thresholds = chooseThresholds({ named: request.threshold, config, ensemble: own, labels });
  context.terminal.showProgress("measuring the members");
  const inputs = files.map(({ path }) => ({ name: path, path }));
  const costs = await measureCosts(loaded, inputs, worker);
  const stages = orderStages(costs.memberMs, loaded.ensemble.embeddings);
  const staged = stage(loaded, stages, thresholds);
  const observed = await observePictures({ files, loaded, staged, settings: worker, context });
  requirePictures(observed, request.data);
  const stageMs = stages.map((members) => sumOf(members, costs));
  const { decodeMs } = costs;
  const parts = { stages, stageMs, thresholds, agreement: "all", decodeMs } as const;
  const tuning = tuneEnsemble(observed.pictures, parts, request);
  const { maxDisagreement } = request;
  const told = stages.map((members) => members.map((m) => names[m] ?? ""));
  const cascade = tuning.chosen?.cascade ?? null;
  return {
    ...observed,
    report: { ...tuning, stages: told, members: names, thresholds, costs, maxDisagreement },
    ensemble: cascade === null ? null : { ...ensemble, cascade: withNames(cascade, names) },
  };
}

async function listData({
  data,
  maxPictures,
  isLabelled,
}: TuningRequest): Promise<readonly PictureFile[]> {
  const files = await listPictures(data);
  if (files.length > maxPictures) {
    throw invalid(
      `${data} holds ${files.length} files, more than --max-pictures ${maxPictures}; raise it, or take fewer`,
    );
  }
  if (!isLabelled || files.some(({ label }) => label !== null)) return files;
  throw invalid(`${data} has no sub-folders; name them as the labels, or leave --labelled out`);
}

/** Stages name members by their model directories. */
function requireNames({ members }: EnsembleConfig): readonly string[] {
  const names = members.map(({ model }) => basename(model));
  const twice = names.find((name, m) => names.indexOf(name) !== m);
  if (members.length >= 2 && twice === undefined) return names;
  throw invalid(
    twice === undefined
      ? "the ensemble has one member; a cascade needs two or more"
      : `two members are called ${twice}; give their model directories different names, as stages name them by these`,
  );
}

function requirePictures({ pictures }: ObservedPictures, data: string): void {
  if (pictures.length >= 8) return;
  throw invalid(
    `${data}: expected some hundred pictures or more; ${pictures.length} could be classified`,
  );
}

function stage(
  { ensemble }: LoadedEnsemble,
  stages: readonly (readonly number[])[],
  thresholds: readonly WatchedThreshold[],
): LoadedEnsemble["ensemble"] {
  const inOrder = stages.map((members) => ({ members, margins: null }));
  return { ...ensemble, cascade: { stages: inOrder, thresholds, agreement: "all" } };
}

function sumOf(members: readonly number[], { memberMs }: Costs): number {
  return members.reduce((sum, m) => sum + (memberMs[m] ?? 0), 0);
}

function withNames(cascade: CascadeParts, names: readonly string[]): CascadeConfig {
  const stages = cascade.stages.map((members) => members.map((m) => names[m] ?? ""));
  return { ...cascade, stages };
}

function invalid(message: string): CliError {
  return new CliError("EXAMPLES_INVALID", message, { exitCode: EXIT_CODE.configuration });
}
