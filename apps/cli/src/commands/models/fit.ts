import { resolve } from "node:path";
import { InvalidArgumentError, Option, type Command } from "@commander-js/extra-typings";
import { CliError } from "../../cli-error.ts";
import type { CommandContext } from "../../command-context.ts";
import { EXIT_CODE } from "../../exit-code.ts";
import { describeNextSteps } from "../../fit/describe-next-steps.ts";
import { fitModel } from "../../fit/fit-model.ts";
import type { FitReport } from "../../fit/fit-report.ts";
import { formatFitReport } from "../../fit/format-fit-report.ts";
import { parseCount, parseShare, parseWholeNumber } from "../arguments.ts";

const MOST_PICTURES = 1_000_000;

export function addFitCommand(models: Command, context: CommandContext): void {
  models
    .command("fit")
    .description("fit a model to labels of your own, from folders of example pictures")
    .requiredOption("--features <dir>", "model directory whose embeddings are used")
    .requiredOption("--data <folder>", "one sub-folder of pictures per label, named as the label")
    .option("--out <dir>", "where to write the new model directory")
    .option(
      "--held-out <share>",
      "share of each label that the result is judged on",
      parseShare,
      0.2,
    )
    .option("--seed <number>", "chooses what is held out", parseWholeNumber, 1)
    .option("--l2 <strength>", "regularisation; left out, it is cross-validated", parseStrength)
    .addOption(
      new Option("--class-weights <how>", "balanced: rare labels count as much as frequent ones")
        .choices(["balanced", "none"] as const)
        .default("balanced" as const),
    )
    .option("--temperature", "make the probabilities as sure as they are right")
    .option(
      "--keep-held-out",
      "write the head that was judged, fitted without the held-out pictures",
    )
    .option("--max-pictures <count>", "refuse larger folders", parseCount(MOST_PICTURES), 20_000)
    .option("--dry-run", "judge only, write nothing")
    .option("--json", "print the report as JSON")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const report = await fitModel(
        {
          features: resolve(context.cwd, options.features),
          data: resolve(context.cwd, options.data),
          out: placeOf(options, context.cwd),
          heldOut: options.heldOut,
          seed: options.seed,
          l2: options.l2 ?? null,
          classWeights: options.classWeights,
          appliesTemperature: options.temperature === true,
          refitsOnAll: options.keepHeldOut !== true,
          maxPictures: options.maxPictures,
        },
        context,
      );
      print(report, options.json === true, context);
    });
}

const HELP = `
The figures are those of a head that has not seen the held-out pictures. The head that is
written is then fitted anew on all pictures, unless --keep-held-out is given. Of animations
the first frame is used; the same picture in several files counts once.

Examples:
  sluice models fit --features models/b0 --data examples --out models/site
  sluice models fit --features models/b0 --data examples --dry-run --json`;

function placeOf(
  { out, dryRun }: { out?: string | undefined; dryRun?: true | undefined },
  cwd: string,
): string | null {
  if (dryRun === true) return null;
  if (out !== undefined) return resolve(cwd, out);
  throw new CliError("USAGE", "models fit: expected --out <dir>, or --dry-run to write nothing", {
    exitCode: EXIT_CODE.usage,
  });
}

function print(report: FitReport, isJson: boolean, { terminal }: CommandContext): void {
  if (isJson) return terminal.print(JSON.stringify(report, null, 2));
  terminal.print(formatFitReport(report));
  if (report.folder === null) return;
  terminal.print(`\n${describeNextSteps(report)}`);
}

function parseStrength(text: string): number {
  const strength = Number(text);
  if (strength > 0 && Number.isFinite(strength)) return strength;
  throw new InvalidArgumentError("expected a number above 0, for example 0.01");
}
