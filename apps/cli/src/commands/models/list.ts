import type { Command } from "@commander-js/extra-typings";
import { listArchitectures } from "@sluice/models";
import type { CommandContext } from "../../command-context.ts";
import { formatArchitectures } from "../../inspect/format-architectures.ts";

export function addListCommand(models: Command, context: CommandContext): void {
  models
    .command("list")
    .description("list the architectures that can be built")
    .option("--json", "as one JSON array")
    .action(({ json }) => {
      const found = listArchitectures();
      context.terminal.print(
        json === true ? JSON.stringify(found, null, 2) : formatArchitectures(found),
      );
    });
}
