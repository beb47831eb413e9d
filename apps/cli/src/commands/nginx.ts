import { InvalidArgumentError, type Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context.ts";
import { chooseLogSettings } from "../nginx/choose-log-settings.ts";
import { explainLog } from "../nginx/explain-log.ts";
import { CONFIG_OPTION } from "../setup/load-cli-config.ts";

const EXAMPLES = `
Examples:
  sluice nginx explain /var/log/nginx/uploads.json
  sluice nginx explain access.log.2.gz --format combined --folder /srv/uploads --uri /dav/= --uploads
  tail -f access.log | sluice nginx explain - --source web --json`;

export function addNginxCommands(program: Command, context: CommandContext): void {
  const nginx = program.command("nginx").description("look into access logs as a source does");
  nginx
    .command("explain")
    .description("show line by line what would be done, and why; nothing is changed")
    .argument("<log>", "an access log, plain or .gz; -: standard input")
    .option("--source <name>", "by the settings of this source; else the one that reads the log")
    .option("--format <format>", "without a configuration: sluice, combined, or a directive")
    .option("--folder <folder>", "without a configuration: where the uploads lie")
    .option(
      "--uri <prefix=to>",
      "without a configuration: paths below the prefix lie below `to` in the folder; may be repeated",
      collectRules,
      NO_RULES,
    )
    .option("--uploads", "leave out lines that have nothing to do with uploads")
    .option("--json", "one JSON object per line, the summary last")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText("after", EXAMPLES)
    .action(async (log, { uploads, json, config, ...options }) => {
      const settings = await chooseLogSettings(log, { options, config, context });
      const output = { isJson: json === true, onlyUploads: uploads === true };
      await explainLog(log, { ...settings, ...output, context });
    });
}

const NO_RULES: readonly string[] = [];

function collectRules(rule: string, earlier: readonly string[]): readonly string[] {
  if (!/^\/[^=]*=[^/]?/u.test(rule) || /=.*\.\./u.test(rule)) {
    throw new InvalidArgumentError("expected a prefix and a folder, such as /dav/=inbox or /dav/=");
  }
  return [...earlier, rule];
}
