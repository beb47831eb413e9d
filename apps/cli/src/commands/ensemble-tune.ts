import { basename, resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "@commander-js/extra-typings";
import type { EnsembleConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";
import type { CommandContext } from "../command-context.ts";
import { writeEnsemble } from "../calibrate/write-ensemble.ts";
import { chooseEnsemble } from "../classify/choose-ensemble.ts";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { prepareModels } from "../setup/prepare-models.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { NamedThreshold } from "../tune/choose-thresholds.ts";
import { formatTuning } from "../tune/format-tuning.ts";
import { runTuning, type TuningRun } from "../tune/run-tuning.ts";
import { parseCount, parseShare, parseWholeNumber } from "./arguments.ts";

const MAX_PICTURES = 1_000_000;

const EXAMPLES = `
Stages come from what the members cost here, exits from pictures like those that will come, as many as you can find; what they show
need not be known. The figures are of pictures that nothing was tuned on.

Examples:
  sluice ensemble tune --data pictures --out cascade.yaml
  sluice ensemble tune --data pictures --ensemble night.yaml --threshold nsfw=0.8 --threshold nsfw=0.4 --json
  sluice ensemble tune --data examples --labelled   # sub-folders named as the labels: errors are counted, too`;

export function addTuneCommand(ensemble: Command, context: CommandContext): void {
  ensemble
    .command("tune")
    .description("let pictures leave the ensemble early: stages and exits, measured here")
    .requiredOption("--data <folder>", "pictures, in sub-folders or not")
    .option("--ensemble <file>", "ensemble file, or name of an ensemble of the configuration")
    .option("--model <dir...>", "instead of an ensemble: model directories")
    .addOption(
      new Option("--labelled", "sub-folders say what pictures show: count errors").conflicts(
        "unlabelled",
      ),
    )
    .addOption(new Option("--unlabelled", "they say nothing (the default)"))
    .option(
      "--threshold <label=score>",
      "score that decisions hang on, several times (default: those of the policies)",
      addThreshold,
      new Array<NamedThreshold>(),
    )
    .option(
      "--max-disagreement <share>",
      "greatest share of pictures decided otherwise than by all members",
      parseShare,
      0.005,
    )
    .option("--held-out <share>", "share of the pictures to judge on", parseShare, 0.5)
    .option("--seed <number>", "chooses what is held out", parseWholeNumber, 1)
    .option("--max-pictures <count>", "refuse larger folders", parseCount(MAX_PICTURES), 20_000)
    .option("--out <file>", "where to write the ensemble file; left out, nothing is written")
    .option("--json", "print the report as JSON")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const { config } = await loadCliConfig(context, options.config);
      const [name, chosen] = await chooseEnsemble(options, config, context);
      const isConfigured = config.ensembles.get(name) === chosen;
      if (isConfigured) await prepareModels(config, context.terminal);
      const run = await runTuning({
        ...options,
        data: resolve(context.cwd, options.data),
        name,
        ensemble: chosen,
        isConfigured,
        isLabelled: options.labelled === true,
        config,
        context,
      });
      if (options.out !== undefined && run.ensemble !== null) {
        const file = resolve(context.cwd, options.out);
        await writeEnsemble(file, run.ensemble, "tuned by sluice ensemble tune");
      }
      print(run, { isJson: options.json === true, out: options.out, context });
      if (run.ensemble === null) throw noCascade(name, chosen);
    });
}

function print(
  { report, ensemble, skipped, copies }: TuningRun,
  {
    isJson,
    out,
    context: { terminal },
  }: { isJson: boolean; out: string | undefined; context: CommandContext },
): void {
  const written = ensemble === null ? null : (out ?? null);
  if (isJson) {
    return terminal.print(
      JSON.stringify({ ...report, skipped, copies, ensemble, written }, null, 2),
    );
  }
  for (const { path, reason } of skipped) {
    terminal.say(`left out ${escapeControls(path)}: ${escapeControls(reason)}`);
  }
  if (copies > 0) terminal.say(`${copies} files hold the bytes of another one and count once`);
  terminal.print(formatTuning(report));
  terminal.print(
    written === null ? "\nnothing was written; add --out <file>" : `\nwrote ${written}`,
  );
}

function noCascade(name: EnsembleName, { members }: EnsembleConfig): CliError {
  const models = members.map(({ model }) => basename(model)).join(", ");
  return new CliError(
    "CASCADE_NOT_FOUND",
    `no cascade of ${name} (${models}) is faster and decides as all members do; allow more by --max-disagreement, or calibrate the members first`,
    { exitCode: EXIT_CODE.failed },
  );
}

/** Throws commander's InvalidArgumentError. */
function addThreshold(text: string, before: readonly NamedThreshold[]): NamedThreshold[] {
  const at = text.lastIndexOf("=");
  const threshold = Number(text.slice(at + 1));
  if (at > 0 && threshold > 0 && threshold <= 1) {
    return [...before, { label: text.slice(0, at), threshold }];
  }
  throw new InvalidArgumentError("expected a label and a score, such as nsfw=0.8");
}
