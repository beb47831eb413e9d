import { DecoderStuckError } from "@sluice/imaging";
import { CliError } from "../cli-error.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { Input } from "./list-inputs.ts";

/** An error that names the file in whose work it happened: there is no other engine here that could go on without it. */
export function blameInput(error: unknown, input: Input | undefined): unknown {
  if (input === undefined || !(error instanceof DecoderStuckError)) return error;
  const name = escapeControls(input.name);
  return new CliError(
    "PICTURE_STUCK",
    `${name}: ${error.message}; all before it are told, leave it out to go on with the others`,
    { cause: error },
  );
}
