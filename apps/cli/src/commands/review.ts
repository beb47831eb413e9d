import type { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context.ts";
import { decisionJson } from "../inspect/decision-json.ts";
import { formatDecisions } from "../inspect/format-decisions.ts";
import { openRecords } from "../inspect/open-records.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { jsonFlag, operate } from "../stack/operate.ts";
import { parseCount } from "./arguments.ts";

const MAX_LISTED = 100_000;

export function addReviewCommands(program: Command, context: CommandContext): void {
  const review = program
    .command("review")
    .description("list what waits for a person, let it go, or take it away");
  addList(review, context);
  review
    .command("approve")
    .description("let it go: publish it, or leave it where it is; its content is not held again")
    .argument("<decision>", "id of the decision, as `sluice review list` prints it")
    .option("--replace", "where another file has its published name: take that one into the vault")
    .option("--json", "print what was done as JSON")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .action(async (decision, { replace, json, config: file }) => {
      const { env } = await loadCliConfig(context, file);
      const flags = replace === true ? ["--replace"] : [];
      await operate(["review", "approve", decision, ...flags, ...jsonFlag(json)], {
        ...context,
        env,
      });
    });
  review
    .command("reject")
    .description("take it away into the vault, from which `sluice restore` gives it back")
    .argument("<decision>", "id of the decision, as `sluice review list` prints it")
    .option("--json", "print what was done as JSON")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .action(async (decision, { json, config: file }) => {
      const { env } = await loadCliConfig(context, file);
      await operate(["review", "reject", decision, ...jsonFlag(json)], { ...context, env });
    });
}

function addList(review: Command, context: CommandContext): void {
  review
    .command("list")
    .description("list what waits for a person, newest first")
    .option("--limit <count>", "at most this many", parseCount(MAX_LISTED), 50)
    .option("--json", "as one JSON array, with all scores")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .action(async ({ limit, json, config: file }) => {
      const { config } = await loadCliConfig(context, file);
      using records = openRecords(config);
      const waiting = records.decisions({ isWaiting: true, limit });
      if (json === true) context.terminal.print(JSON.stringify(waiting.map(decisionJson), null, 2));
      else if (waiting.length === 0) context.terminal.say("nothing waits for review");
      else context.terminal.print(formatDecisions(waiting));
    });
}
