import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { checkModel } from "../../check/check-model.ts";
import type { Finding } from "../../check/finding.ts";
import { formatCheck, summaryOf } from "../../check/format-check.ts";
import { CliError } from "../../cli-error.ts";
import type { CommandContext } from "../../command-context.ts";
import { EXIT_CODE } from "../../exit-code.ts";

export function addCheckCommand(models: Command, { cwd, terminal }: CommandContext): void {
  models
    .command("check")
    .description("load a model, run a picture, and look for the classic mistakes")
    .argument("<dir>", "model directory")
    .option("--picture <file>", "what to ask it about (default: a drawing)")
    .option("--strict", "fail on warnings too")
    .option("--json", "as JSON")
    .action(async (dir, { picture, strict, json }) => {
      const bytes = picture === undefined ? null : await readPicture(resolve(cwd, picture));
      const report = await checkModel(resolve(cwd, dir), bytes);
      terminal.print(json === true ? JSON.stringify(report, null, 2) : formatCheck(report));
      if (!report.findings.some((found) => fails(found, strict === true))) return;
      throw new CliError("MODEL_CHECK_FAILED", `models check: ${summaryOf(report.findings)}`);
    });
}

async function readPicture(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError("PICTURE_UNREADABLE", `${path}: cannot be read (${String(error)})`, {
      exitCode: EXIT_CODE.configuration,
      cause: error,
    });
  }
}

function fails({ severity }: Finding, isStrict: boolean): boolean {
  return severity === "error" || (isStrict && severity === "warning");
}
