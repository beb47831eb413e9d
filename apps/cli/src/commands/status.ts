import type { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context.ts";
import { formatStatus, statusJson } from "../inspect/format-status.ts";
import { readStatus } from "../inspect/status-report.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { parseCount } from "./arguments.ts";

const MAX_LAST = 1000;

export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command("status")
    .description("show what runs, what is queued, what was decided, and the last decisions")
    .option("--last <count>", "decisions to show", parseCount(MAX_LAST), 5)
    .option("--json", "as one JSON object")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .action(async ({ last, json, config: file }) => {
      const { config } = await loadCliConfig(context, file);
      const report = await readStatus(config, { lastCount: last });
      context.terminal.print(
        json === true
          ? JSON.stringify(statusJson(report), null, 2)
          : formatStatus(report, Date.now()),
      );
    });
}
