import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { InvalidArgumentError, type Command } from "@commander-js/extra-typings";
import { loadEnsemble } from "@sluice/models";
import { chooseDecodable } from "../bench/choose-decodable.ts";
import { drawPhotographs } from "../bench/draw-photographs.ts";
import { formatBench } from "../bench/format-bench.ts";
import { runBench, type QueueRequest } from "../bench/run-bench.ts";
import { runComparison } from "../compare/run-comparison.ts";
import { chooseEnsemble } from "../classify/choose-ensemble.ts";
import { listInputs, type Input } from "../classify/list-inputs.ts";
import type { CommandContext } from "../command-context.ts";
import { settleEnsemble, type SettledEnsemble } from "../precision/settle-ensemble.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { prepareModels } from "../setup/prepare-models.ts";
import { parseCount } from "./arguments.ts";

const MAX_BATCH = 1024;

export function addBenchCommand(program: Command, context: CommandContext): void {
  program
    .command("bench")
    .description("measure each model, decoding, and the pipeline on this machine")
    .option("--pictures <folder>", "pictures to use (default: drawn ones of 1 to 12 megapixels)")
    .option("--count <count>", "pictures to draw", parseCount(10_000), 60)
    .option("--ensemble <file>", "ensemble file, or name of an ensemble of the configuration")
    .option("--model <dir...>", "instead of an ensemble: model directories that count the same")
    .option(
      "--batches <sizes>",
      "batch sizes for the models alone, with commas",
      parseSizes,
      [1, 8, 32],
    )
    .option(
      "--rounds <count>",
      "times that each figure is taken; the median counts",
      parseCount(100),
      5,
    )
    .option("--no-queue", "leave out the way through ingest, Redis, worker and moderation")
    .option("--redis <url>", "Redis for that, under keys of its own (default: one of its own)")
    .option("--seconds <count>", "how long a round of that takes", parseCount(3600), 8)
    .option("--models <names>", "instead: compare architectures, names with commas, or all")
    .option("--chart <file>", "with --models: draw the comparison as SVG")
    .option(
      "--remeasure",
      "with precision: auto, time the variants again and remember that instead",
    )
    .option("--json", "as one JSON object")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText(
      "after",
      "\nRatios within one run can be compared between machines; images per second cannot. Nothing else should run meanwhile.",
    )
    .action(async (options) => {
      if (options.models !== undefined) {
        const { models, batches, rounds, chart, json } = options;
        const chartPath = chart === undefined ? null : resolve(context.cwd, chart);
        const isJson = json === true;
        const request = { models, batches, rounds, threads: 0, chartPath, isJson };
        return await runComparison(request, context);
      }
      const { config } = await loadCliConfig(context, options.config);
      const [name, ensemble] = await chooseEnsemble(options, config, context);
      const isConfigured = config.ensembles.get(name) === ensemble;
      if (isConfigured) await prepareModels(config, context.terminal);
      const isRemeasuring = options.remeasure === true;
      const settling = { config, terminal: context.terminal, isRemeasuring };
      const settled = await settleEnsemble(ensemble, settling);
      const loaded = await loadEnsemble(name, settled, config.worker.graphCacheDir);
      await using drawn = await makeFolder();
      const { terminal, signal, cwd } = context;
      const found = await chooseInputs(options, { folder: drawn.path, cwd });
      const isDrawn = options.pictures === undefined;
      const inputs = isDrawn ? found : await chooseDecodable(found, loaded, config.worker);
      if (inputs.length < found.length) terminal.say(leftOut(inputs, found));
      const report = await runBench({
        ...options,
        loaded,
        inputs,
        settings: config.worker,
        signal,
        queue: chooseQueue(options, settled, context),
        tell: (step) => terminal.showProgress(`measuring ${step}`),
      });
      terminal.print(options.json === true ? JSON.stringify(report, null, 2) : formatBench(report));
    });
}

function leftOut(inputs: readonly Input[], found: readonly Input[]): string {
  const count = found.length - inputs.length;
  return `${count} of ${found.length} files cannot be decoded and are left out; sluice classify says why`;
}

function chooseQueue(
  { queue, redis, seconds }: { queue: boolean; redis?: string | undefined; seconds: number },
  ensemble: SettledEnsemble,
  { env, terminal }: CommandContext,
): QueueRequest | null {
  if (!queue) return null;
  const say = (text: string): void => terminal.say(text);
  return { ensemble, redisUrl: redis ?? null, env, roundSeconds: seconds, say };
}

async function chooseInputs(
  { pictures, count }: { pictures?: string | undefined; count: number },
  { folder, cwd }: { folder: string; cwd: string },
): Promise<readonly Input[]> {
  if (pictures !== undefined) return await listInputs([pictures], cwd);
  return await drawPhotographs(folder, count);
}

async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  return {
    path,
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }),
  };
}

function parseSizes(text: string): number[] {
  const sizes = text.split(",").map(Number);
  if (sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= MAX_BATCH)) return sizes;
  throw new InvalidArgumentError(`expected whole numbers from 1 to ${MAX_BATCH}, such as 1,8,32`);
}
