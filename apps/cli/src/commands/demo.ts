import { join, resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context.ts";

export function addDemoCommand(program: Command, context: CommandContext): void {
  program
    .command("demo")
    .description(
      "moderate a folder of sample uploads with the whole stack and check what became of each",
    )
    .option(
      "--folder <dir>",
      "where to work; emptied if an earlier demo made it (default: .sluice/demo)",
    )
    .option("--json", "print what became of each upload as one JSON object")
    .addHelpText(
      "after",
      `
Needs no configuration file and reads none. SLUICE_REDIS_URL is used when set, under a prefix of its own.
Exit code 0: every upload is exactly where it should be. 1: not so, with the differences.`,
    )
    .action(async ({ folder, json }) => {
      // Loaded only here: it draws pictures, and no other command needs what that needs.
      const { runDemo } = await import("../demo/run-demo.ts");
      const chosen = folder ?? join(".sluice", "demo");
      await runDemo(context, {
        folder: resolve(context.cwd, chosen),
        isJson: json === true,
      });
    });
}
