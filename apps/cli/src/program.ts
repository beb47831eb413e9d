import { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "./command-context.ts";
import { addBenchCommand } from "./commands/bench.ts";
import { addClassifyCommand } from "./commands/classify.ts";
import { addDecisionsCommand } from "./commands/decisions.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEnsembleCommands } from "./commands/ensemble.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addModelsCommands } from "./commands/models/index.ts";
import { addNginxCommands } from "./commands/nginx.ts";
import { addQuarantineCommands } from "./commands/quarantine.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addReviewCommands } from "./commands/review.ts";
import { addStartCommand } from "./commands/start.ts";
import { addStatusCommand } from "./commands/status.ts";
import { addWorkerCommand } from "./commands/worker.ts";
import { EXIT_CODE_HELP } from "./exit-code.ts";

const VERSION = "0.1.0";

/** The whole command line. A wrong one throws CommanderError after its message has been printed. */
export function buildProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("sluice")
    .description("Looks at uploaded images before the public does.")
    .version(VERSION, "-V, --version", "print the version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
    })
    .showHelpAfterError("(add --help for what this command takes)")
    .addHelpText("after", EXIT_CODE_HELP);
  addStartCommand(program, context);
  addWorkerCommand(program, context);
  addDemoCommand(program, context);
  addStatusCommand(program, context);
  addDoctorCommand(program, context);
  addClassifyCommand(program, context);
  addBenchCommand(program, context);
  addDecisionsCommand(program, context);
  addReviewCommands(program, context);
  addQuarantineCommands(program, context);
  addRestoreCommand(program, context);
  addModelsCommands(program, context);
  addNginxCommands(program, context);
  addEnsembleCommands(program, context);
  return program;
}
