import type { Command } from "@commander-js/extra-typings";
import type { VaultRecord } from "@sluice/moderation";
import type { CommandContext } from "../command-context.ts";
import { formatTime } from "../inspect/format-decisions.ts";
import { openRecords } from "../inspect/open-records.ts";
import { CONFIG_OPTION, loadCliConfig } from "../setup/load-cli-config.ts";
import { formatTable } from "../terminal/format-table.ts";
import { parseCount } from "./arguments.ts";

const MAX_LISTED = 100_000;

export function addQuarantineCommands(program: Command, context: CommandContext): void {
  const quarantine = program
    .command("quarantine")
    .description("look at what was taken away; `sluice restore` gives it back");
  quarantine
    .command("list")
    .description("list what the vault holds, newest first")
    .option("--limit <count>", "at most this many", parseCount(MAX_LISTED), 50)
    .option("--json", "as one JSON array")
    .option(CONFIG_OPTION.flags, CONFIG_OPTION.description)
    .action(async ({ limit, json, config: file }) => {
      const { config } = await loadCliConfig(context, file);
      using records = openRecords(config);
      const held = records.vault({ limit });
      if (json === true) context.terminal.print(JSON.stringify(held.map(vaultJson), null, 2));
      else if (held.length === 0) context.terminal.say("the vault is empty");
      else context.terminal.print(formatVault(held));
    });
}

/** Where bytes in the vault came from; modes are octal, as people write them. */
function vaultJson(record: VaultRecord): object {
  const { id, decisionId, state, root, path, version, sha256, sizeBytes } = record;
  const { mode, uid, gid, mtimeNs, keptAtMs } = record;
  const keptAt = new Date(keptAtMs).toISOString();
  const file = { mode: mode.toString(8), uid, gid, mtimeNs };
  return { id, decisionId, state, root, path, version, sha256, sizeBytes, keptAt, file };
}

function formatVault(records: readonly VaultRecord[]): string {
  return formatTable<VaultRecord>(
    [
      { title: "id", cell: ({ id }) => id },
      { title: "taken (UTC)", cell: ({ keptAtMs }) => formatTime(keptAtMs) },
      { title: "from", maxWidth: 60, cell: ({ root, path }) => `${root}:${path}` },
      { title: "as", cell: ({ state }) => state },
      { title: "bytes", alignment: "right", cell: ({ sizeBytes }) => String(sizeBytes) },
      { title: "sha256", cell: ({ sha256 }) => sha256.slice(0, 12) },
    ],
    records,
  );
}
