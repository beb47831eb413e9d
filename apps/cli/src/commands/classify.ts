import { Option, type Command } from "@commander-js/extra-typings";
import { loadEnsemble } from "@sluice/models";
import { chooseEnsemble } from "../classify/choose-ensemble.ts";
import { classifyInputs } from "../classify/classify-inputs.ts";
import { listInputs } from "../classify/list-inputs.ts";
import { LocalEngine } from "../classify/local-engine.ts";
import { createFormat, FORMATS, type FormatName } from "../classify/result-format.ts";
import { withEmbeddings } from "../classify/with-embeddings.ts";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { settleEnsemble } from "../precision/settle-ensemble.ts";
import { prepareModels } from "../setup/prepare-models.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { parseCount } from "./arguments.ts";

const MAX_TOP = 1000;

const EXAMPLES = `
Examples:
  sluice classify photos/
  sluice classify photos/ --csv --top 1 > labels.csv
  sluice classify one.jpg two.png --model models/resnet50
  sluice classify uploads/ --ensemble night.yaml --jsonl | jq 'select(.outcome != "classified")'

The order is that of the arguments, folders sorted. Exit code 1: some files could not be classified; they stand
in the output with the reason.`;

export function addClassifyCommand(program: Command, context: CommandContext): void {
  program
    .command("classify")
    .description("classify files and folders here and now, without a queue")
    .argument("<path...>", "pictures, or folders of pictures")
    .option("--ensemble <file>", "ensemble file, or name of an ensemble of the configuration")
    .option("--model <dir...>", "instead of an ensemble: model directories that count the same")
    .option("--top <count>", "labels to tell of each picture", parseCount(MAX_TOP), 5)
    .addOption(new Option("--table", "for people (the default)").conflicts(["csv", "jsonl"]))
    .addOption(new Option("--csv", "one row per picture").conflicts(["table", "jsonl"]))
    .addOption(new Option("--jsonl", "one JSON object per line, with the members' own scores"))
    .option("--embeddings", "add what a member sees, as float16 in base64; with --jsonl only")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      const hasEmbeddings = options.embeddings === true;
      if (hasEmbeddings && options.jsonl !== true) throw embeddingsNeedJsonl();
      const { config } = await loadCliConfig(context, options.config);
      const [name, ensemble] = await chooseEnsemble(options, config, context);
      const inputs = await listInputs(paths, context.cwd);
      const isConfigured = config.ensembles.get(name) === ensemble;
      if (isConfigured) await prepareModels(config, context.terminal);
      const settled = await settleEnsemble(ensemble, { config, terminal: context.terminal });
      const loaded = await loadEnsemble(
        name,
        withEmbeddings(settled, hasEmbeddings),
        config.worker.graphCacheDir,
      );
      await using engine = await LocalEngine.start(loaded, config.worker);
      const format = createFormat(formatOf(options), options.top);
      const failed = await classifyInputs(engine, { inputs, format, context });
      if (failed > 0) throw notAllClassified(failed, inputs.length);
    });
}

function embeddingsNeedJsonl(): CliError {
  return new CliError("USAGE", "--embeddings goes with --jsonl; the other formats have no room", {
    exitCode: EXIT_CODE.usage,
  });
}

function formatOf(options: Partial<Record<FormatName, true>>): FormatName {
  return FORMATS.find((name) => options[name] === true) ?? "table";
}

function notAllClassified(failed: number, all: number): CliError {
  return new CliError(
    "NOT_ALL_CLASSIFIED",
    `${failed} of ${all} files could not be classified; the reasons stand beside them`,
    { exitCode: EXIT_CODE.failed },
  );
}
