import { resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { calibrate, type Calibration } from "../calibrate/calibrate.ts";
import { formatCalibration } from "../calibrate/format-calibration.ts";
import { runMembers, type MemberRuns } from "../calibrate/run-members.ts";
import { writeEnsemble } from "../calibrate/write-ensemble.ts";
import { chooseEnsemble } from "../classify/choose-ensemble.ts";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { settleEnsemble } from "../precision/settle-ensemble.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { prepareModels } from "../setup/prepare-models.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import { parseCount, parseShare, parseWholeNumber } from "./arguments.ts";
import { addTuneCommand } from "./ensemble-tune.ts";

const MAX_PICTURES = 1_000_000;

export function addEnsembleCommands(program: Command, context: CommandContext): void {
  const ensemble = program.command("ensemble").description("make several models belong together");
  addTuneCommand(ensemble, context);
  ensemble
    .command("calibrate")
    .description("fit temperatures and weights on labelled pictures")
    .requiredOption("--data <folder>", "one sub-folder of pictures per label, named as the label")
    .option("--ensemble <file>", "ensemble file, or name of an ensemble of the configuration")
    .option("--model <dir...>", "instead of an ensemble: model directories")
    .option(
      "--out <file>",
      "where to write the calibrated ensemble file; left out, nothing is written",
    )
    .option(
      "--held-out <share>",
      "share of each label that the result is judged on",
      parseShare,
      0.5,
    )
    .option("--seed <number>", "chooses what is held out", parseWholeNumber, 1)
    .option("--max-pictures <count>", "refuse larger folders", parseCount(MAX_PICTURES), 20_000)
    .option("--json", "print the report as JSON")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText(
      "after",
      `
The figures are of pictures that nothing was fitted on. The pictures should not be those that the models were
trained on, and as many of each label as you can find.

Examples:
  sluice ensemble calibrate --data examples --ensemble night.yaml --out night-calibrated.yaml
  sluice ensemble calibrate --data examples --model models/a models/b --json`,
    )
    .action(async (options) => {
      const { config } = await loadCliConfig(context, options.config);
      const [name, chosen] = await chooseEnsemble(options, config, context);
      if (config.ensembles.get(name) === chosen) await prepareModels(config, context.terminal);
      const data = resolve(context.cwd, options.data);
      const { members } = await settleEnsemble(chosen, { config, terminal: context.terminal });
      const { maxPictures } = options;
      const runs = await runMembers(members, { data, views: chosen.views, maxPictures, context });
      requirePictures(runs, data);
      const { heldOut, seed } = options;
      const classes = runs.names.length;
      if (chosen.cascade !== null) context.terminal.say(CASCADE_LEFT_OUT);
      const result = calibrate({ ...runs, ensemble: chosen, classes, heldOut, seed });
      if (options.out !== undefined) {
        const file = resolve(context.cwd, options.out);
        await writeEnsemble(file, result.ensemble, "calibrated by sluice ensemble calibrate");
      }
      print(result, { runs, isJson: options.json === true, out: options.out, context });
    });
}

const CASCADE_LEFT_OUT =
  "the cascade is left out: its exits are for the scores before; make it again by sluice ensemble tune";

function requirePictures({ labels }: MemberRuns, data: string): void {
  if (new Set(labels).size >= 2 && labels.length >= 8) return;
  throw new CliError(
    "EXAMPLES_INVALID",
    `${data}: expected pictures of two labels or more, some dozens of each; found ${labels.length} in all`,
    { exitCode: EXIT_CODE.configuration },
  );
}

function print(
  result: Calibration,
  {
    runs,
    isJson,
    out,
    context: { terminal },
  }: { runs: MemberRuns; isJson: boolean; out: string | undefined; context: CommandContext },
): void {
  if (isJson) {
    const report = { ...result, labels: runs.names, skipped: runs.skipped, written: out ?? null };
    return terminal.print(JSON.stringify(report, null, 2));
  }
  for (const { path, reason } of runs.skipped) {
    terminal.say(`left out ${escapeControls(path)}: ${escapeControls(reason)}`);
  }
  terminal.print(formatCalibration(result));
  terminal.print(out === undefined ? "\nnothing was written; add --out <file>" : `\nwrote ${out}`);
}
