import type { Command } from "@commander-js/extra-typings";
import { buildFromCard, buildModelDirectory } from "@sluice/models";
import { resolve } from "node:path";
import { CliError } from "../../cli-error.ts";
import type { CommandContext } from "../../command-context.ts";
import { EXIT_CODE } from "../../exit-code.ts";
import { readLabelsFile } from "../../setup/read-labels-file.ts";

export function addBuildCommand(models: Command, context: CommandContext): void {
  models
    .command("build")
    .description("build a model directory (config.json, preprocessor_config.json, onnx/model.onnx)")
    .argument("[architecture]", "as `sluice models list` names it")
    .option("--weights <file>", "trained weights, safetensors or PyTorch")
    .option("--labels <file>", "labels in the order of class ids: one per line, or a JSON array")
    .option("--card <file>", "instead of the three above: a card that names them")
    .requiredOption("--out <dir>", "where to write the model directory")
    .option("--json", "print what was built as JSON")
    .addHelpText(
      "after",
      `
Examples:
  sluice models build resnet50 --weights resnet50.safetensors --labels labels.txt --out models/site
  sluice models build --card infra/demo-models/weights/squeezenet1_1.json --out models/demo`,
    )
    .action(async (architecture, options) => {
      const outDir = resolve(context.cwd, options.out);
      await build({ ...options, architecture, outDir, cwd: context.cwd });
      const text = options.json === true ? JSON.stringify({ folder: outDir }) : `built ${outDir}`;
      context.terminal.print(text);
    });
}

interface BuildRequest {
  readonly architecture?: string | undefined;
  readonly weights?: string | undefined;
  readonly labels?: string | undefined;
  readonly card?: string | undefined;
  readonly outDir: string;
  readonly cwd: string;
}

async function build({
  architecture,
  weights,
  labels,
  card,
  outDir,
  cwd,
}: BuildRequest): Promise<void> {
  const parts = [architecture, weights, labels];
  if (card !== undefined && parts.every((part) => part === undefined)) {
    await buildFromCard(resolve(cwd, card), outDir);
    return;
  }
  if (
    card !== undefined ||
    architecture === undefined ||
    weights === undefined ||
    labels === undefined
  ) {
    throw new CliError(
      "USAGE",
      "models build: expected either an architecture with --weights and --labels, or --card alone",
      { exitCode: EXIT_CODE.usage },
    );
  }
  await buildModelDirectory({
    architecture,
    weightsPath: resolve(cwd, weights),
    labels: await readLabelsFile(resolve(cwd, labels)),
    outDir,
  });
}
