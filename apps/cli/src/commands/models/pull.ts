import type { Command } from "@commander-js/extra-typings";
import { DEFAULT_PULL_LIMITS } from "@sluice/model-hub";
import { resolve } from "node:path";
import type { CommandContext } from "../../command-context.ts";
import { describePlan, describePulled } from "../../pull/describe-pull.ts";
import { preparePull } from "../../pull/prepare-pull.ts";
import { parseBytes, parseSeconds, parseSha256 } from "../../pull/pull-arguments.ts";
import { pullModel } from "../../pull/pull-model.ts";

const EXAMPLES = `
Examples:
  sluice models pull torchvision:resnet50 --out models/resnet50
  sluice models pull torchvision:resnet50@v2 --out models/resnet50-v2
  sluice models pull timm/resnet18.a1_in1k --out models/resnet18
  sluice models pull <owner>/<repository with onnx/model.onnx> --revision v1.0 --out models/site
  sluice models pull https://example.org/site.pth --arch resnet50 --labels labels.txt --sha256 <hex> --out models/site

Environment, as Python's huggingface_hub and torch read it: HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME,
HF_HUB_CACHE, TORCH_HOME. Also SLUICE_TORCHVISION_URL (a mirror) and SLUICE_HUB_REDIRECT_HOSTS (where a
mirror keeps its files, comma-separated).`;

export function addPullCommand(models: Command, context: CommandContext): void {
  models
    .command("pull")
    .description("fetch a published model and make a model directory of it")
    .argument("<model>", "torchvision:<name>, <owner>/<repository>, or https://… of a weights file")
    .requiredOption("--out <dir>", "where to write the model directory")
    .option("--revision <name>", "branch, tag or commit of a repository (default: main)")
    .option("--arch <name>", "architecture of the weights, as `sluice models list` names it")
    .option(
      "--labels <file>",
      "in the order of class ids: one per line, or a JSON array (default: the source's, or ImageNet's 1,000)",
    )
    .option("--sha256 <hex>", "what the file behind an https address must hash to", parseSha256)
    .option(
      "--max-bytes <bytes>",
      "refuse larger models; a number, or one with K, M or G",
      parseBytes,
      DEFAULT_PULL_LIMITS.maxBytes,
    )
    .option(
      "--stall-timeout <seconds>",
      "give up when no byte comes for so long",
      parseSeconds,
      DEFAULT_PULL_LIMITS.stallTimeoutMs / 1000,
    )
    .option("--offline", "use the cache alone, as HF_HUB_OFFLINE=1 does")
    .option("--dry-run", "say what would be fetched, from where and how large it is")
    .option("--json", "print what was done as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async (model, options) => {
      const request = { ...options, model, outDir: resolve(context.cwd, options.out) };
      const prepared = await preparePull(request, context);
      if (options.dryRun !== true) await pullModel(prepared);
      const describe = options.dryRun === true ? describePlan : describePulled;
      context.terminal.print(describe(prepared, { isJson: options.json === true }));
    });
}
