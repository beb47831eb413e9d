import { CommanderError } from "@commander-js/extra-typings";
import { CliError } from "./cli-error.ts";
import type { CommandContext } from "./command-context.ts";
import { EXIT_CODE } from "./exit-code.ts";
import { buildProgram } from "./program.ts";
import { escapeControls } from "./terminal/escape-controls.ts";

/** Runs one command line (without the program's name) and gives its exit code; never throws. */
export async function runCli(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    await buildProgram(context).parseAsync([...args], { from: "user" });
    return EXIT_CODE.ok;
  } catch (error) {
    return explainFailure(error, context);
  }
}

function explainFailure(error: unknown, { terminal }: CommandContext): number {
  // Commander has printed its own message, with the nearest known name.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODE.ok : EXIT_CODE.usage;
  if (error instanceof CliError && error.isTold) return error.exitCode;
  if (isExpected(error)) {
    terminal.say(`sluice: ${escapeLines(error.message)}`);
    return error.exitCode ?? EXIT_CODE.failed;
  }
  terminal.say("sluice: this is a fault of Sluice itself; please report it with the lines below");
  terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT_CODE.internal;
}

/** Every error that Sluice throws on purpose carries a code, and an exit code or whether trying again helps. */
interface ExpectedError extends Error {
  readonly code: string;
  readonly exitCode?: number;
}

function isExpected(error: unknown): error is ExpectedError {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    return false;
  if ("exitCode" in error) return typeof error.exitCode === "number";
  return "retryable" in error;
}

/** A message may have several lines (one per problem), each of which may quote outside text. */
function escapeLines(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}
