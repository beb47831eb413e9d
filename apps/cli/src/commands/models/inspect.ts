import { resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { inspectModel, type ModelReport } from "@sluice/models";
import type { CommandContext } from "../../command-context.ts";
import { formatDirectoryReport, formatOnnxReport } from "../../inspect/format-onnx-report.ts";
import { examineDirectory } from "../../precision/examine-directory.ts";
import { formatExamined } from "../../precision/format-examined.ts";
import { formatWeightsReport } from "../../inspect/format-weights-report.ts";

export function addInspectCommand(models: Command, { cwd, terminal }: CommandContext): void {
  models
    .command("inspect")
    .description(
      "say what a weights file, an ONNX file or a model directory is, without running it",
    )
    .argument("<path>", "safetensors, PyTorch or ONNX file, or a model directory")
    .option("--json", "as JSON")
    .action(async (path, { json }) => {
      const report = await inspectModel(resolve(cwd, path));
      const auto = report.kind === "directory" ? await examineDirectory(report) : null;
      if (json === true) {
        return terminal.print(
          JSON.stringify(auto === null ? report : { ...report, auto }, null, 2),
        );
      }
      const lines = auto === null ? [] : formatExamined(auto);
      terminal.print([format(report), ...lines].join("\n"));
    });
}

function format(report: ModelReport): string {
  switch (report.kind) {
    case "weights":
      return formatWeightsReport(report);
    case "onnx":
      return formatOnnxReport(report);
    case "directory":
      return formatDirectoryReport(report);
    default:
      return report satisfies never;
  }
}
