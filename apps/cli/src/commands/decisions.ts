import { Option, type Command } from "@commander-js/extra-typings";
import { nearestName, type SluiceConfig } from "@sluice/config";
import { rootNameSchema, type RootName } from "@sluice/contracts";
import type { DecisionView } from "@sluice/storage";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { decisionJson } from "../inspect/decision-json.ts";
import { formatDecisions } from "../inspect/format-decisions.ts";
import { openRecords } from "../inspect/open-records.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { parseCount, parseSince } from "./arguments.ts";

const MAX_LISTED = 100_000;

export function addDecisionsCommand(program: Command, context: CommandContext): void {
  program
    .command("decisions")
    .description("list decisions, newest first: what, why, and what was done")
    .option("--root <name>", "only objects of this root")
    .addOption(
      new Option("--decision <kind>", "only this decision").choices([
        "allow",
        "review",
        "quarantine",
        "gone",
      ] as const),
    )
    .option("--since <when>", "only from then on: 15m, 2h, 7d, or 2026-11-23T08:00Z", (text) =>
      parseSince(text, Date.now()),
    )
    .option("--limit <count>", "at most this many", parseCount(MAX_LISTED), 20)
    .option("--json", "as one JSON array, with all scores")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .addHelpText(
      "after",
      `
Examples:
  sluice decisions --decision quarantine --since 1d
  sluice decisions --limit 1 --json`,
    )
    .action(async ({ root, decision, since, limit, json, config: file }) => {
      const { config } = await loadCliConfig(context, file);
      const rootName = root === undefined ? undefined : knownRoot(config, root);
      using records = openRecords(config);
      const found = records.decisions({
        limit,
        ...(rootName !== undefined && { root: rootName }),
        ...(decision !== undefined && { decision }),
      });
      // They come newest first, so what is older than asked for stands at the end.
      const views = found.filter(({ record }) => record.decidedAtMs >= (since ?? 0));
      print(views, json === true, context);
    });
}

function print(
  views: readonly DecisionView[],
  isJson: boolean,
  { terminal }: CommandContext,
): void {
  if (isJson) terminal.print(JSON.stringify(views.map(decisionJson), null, 2));
  else if (views.length === 0) terminal.say("no decisions");
  else terminal.print(formatDecisions(views));
}

/** Throws CliError (UNKNOWN_ROOT), exit code 2, so that a typing error does not look like "nothing was found". */
function knownRoot(config: SluiceConfig, name: string): RootName {
  const parsed = rootNameSchema.safeParse(name);
  if (parsed.success && config.roots.has(parsed.data)) return parsed.data;
  const known = [...config.roots.keys()];
  const nearest = nearestName(name, known);
  const hint = nearest === null ? `known are ${known.join(", ")}` : `did you mean ${nearest}?`;
  throw new CliError("UNKNOWN_ROOT", `--root: there is no root "${name}"; ${hint}`, {
    exitCode: EXIT_CODE.usage,
  });
}
