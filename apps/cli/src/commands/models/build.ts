import { resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { buildModelDirectory, checkBuild, type VariantReport } from "@sluice/models";
import { formatBuild } from "../../build/format-build.ts";
import { planBuild } from "../../build/plan-build.ts";
import type { CommandContext } from "../../command-context.ts";
import { formatReports } from "../../precision/format-reports.ts";
import { makeVariants } from "../../precision/make-variants.ts";
import { precisionFlags } from "../../precision/precision-flags.ts";
import { readPrecisionOptions } from "../../precision/precision-options.ts";
import { parseCount } from "../arguments.ts";

const MOST_CLASSES = 1_000_000;

const EXAMPLES = `
Examples:
  sluice models build resnet50 --weights resnet50.pth --out models/imagenet
  sluice models build resnet50 --weights site.safetensors --labels labels.txt --out models/site
  sluice models build resnet50 --weights resnet50.pth --out models/fast --int8 --pictures uploads
  sluice models build --card infra/demo-models/weights/squeezenet1_1.json --out models/demo`;

export function addBuildCommand(models: Command, context: CommandContext): void {
  const flags = precisionFlags();
  models
    .command("build")
    .description("build a model directory (config.json, preprocessor_config.json, onnx/model.onnx)")
    .argument("[architecture]", "as `sluice models list` names it")
    .option("--weights <file>", "trained weights, safetensors or PyTorch")
    .option("--random-weights", "instead: weights that know nothing, for load tests")
    .option(
      "--classes <count>",
      "number of classes (default: the weights')",
      parseCount(MOST_CLASSES),
    )
    .option(
      "--labels <file>",
      "labels in the order of class ids: one per line, or a JSON array (default: ImageNet's, for 1000 classes)",
    )
    .option("--card <file>", "instead of all these: a card that names them")
    .option("--keep-batch-norm", "keep batch norms apart instead of folding them, for checking")
    .option("--dry-run", "read and check everything, say what would be built, write nothing")
    .requiredOption("--out <dir>", "where to write the model directory")
    .addOption(flags.fp16)
    .addOption(flags.int8)
    .addOption(flags.pictures)
    .addOption(flags.calibrationPictures)
    .addOption(flags.heldOut)
    .addOption(flags.calibration)
    .addOption(flags.weightBits)
    .addOption(flags.decisionThreshold)
    .addOption(flags.allowPartial)
    .option("--json", "print what was built as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (architecture, options) => {
      const { cwd, terminal } = context;
      const folder = resolve(cwd, options.out);
      const precision = readPrecisionOptions(options, cwd);
      const { plan, labelOrigin } = await planBuild({ ...options, architecture, cwd });
      const isDryRun = options.dryRun === true;
      let variants: readonly VariantReport[] = [];
      const complete = async (building: string): Promise<void> => {
        if (precision !== null) variants = await makeVariants(building, precision, terminal);
      };
      const facts = isDryRun
        ? await checkBuild(plan)
        : await buildModelDirectory({
            ...plan,
            outDir: folder,
            keepBatchNorm: options.keepBatchNorm === true,
            complete,
          });
      const report = { folder, ...facts, labels: labelOrigin, isDryRun };
      if (options.json === true) terminal.print(JSON.stringify({ ...report, variants }));
      else terminal.print([formatBuild(report), ...formatReports(variants)].join("\n"));
      if (labelOrigin === "numbered") {
        terminal.say(
          'warning: without --labels the classes are named "class 0", "class 1", …; a policy that forbids one of them is easy to get wrong',
        );
      }
      if (plan.weightsPath === null) {
        terminal.say("warning: these weights are random; never judge a picture with them");
      }
    });
}
