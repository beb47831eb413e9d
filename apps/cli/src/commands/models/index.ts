import type { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../../command-context.ts";
import { addBuildCommand } from "./build.ts";
import { addCheckCommand } from "./check.ts";
import { addFitCommand } from "./fit.ts";
import { addInspectCommand } from "./inspect.ts";
import { addListCommand } from "./list.ts";
import { addPullCommand } from "./pull.ts";

/** `sluice models …`: everything that is done with models before a worker runs them. */
export function addModelsCommands(program: Command, context: CommandContext): void {
  const models = program
    .command("models")
    .description("list, build, fetch, fit, inspect and check models");
  addListCommand(models, context);
  addBuildCommand(models, context);
  addPullCommand(models, context);
  addFitCommand(models, context);
  addInspectCommand(models, context);
  addCheckCommand(models, context);
}
