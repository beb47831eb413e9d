import type { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { jsonFlag, operate } from "../stack/operate.ts";

export function addRestoreCommand(program: Command, context: CommandContext): void {
  program
    .command("restore")
    .description(
      "give back what the vault holds: same bytes, path, mode and time; it is not taken again",
    )
    .argument("<id>", "id in the vault, as `sluice quarantine list` prints it")
    .option("--to <path>", "elsewhere: below the same root, or an absolute path in any root")
    .option("--json", "print what was done as JSON")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText(
      "after",
      `
Example:
  sluice restore q018f3c2a9b1e4d5c6b7a8901`,
    )
    .action(async (id, { to, json, config: file }) => {
      const { env } = await loadCliConfig(context, file);
      const target = to === undefined ? [] : ["--to", to];
      await operate(["restore", id, ...target, ...jsonFlag(json)], { ...context, env });
    });
}
