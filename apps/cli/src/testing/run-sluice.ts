import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { runCli } from "../run-cli.ts";
import { openTerminal } from "../terminal/terminal.ts";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command line in this process, in a new empty folder unless one is named.
 *
 * @param interrupt looks at what has been printed; true is Ctrl-C
 */
export async function runSluice(
  args: readonly string[],
  cwd?: string,
  interrupt: (stdout: string) => boolean = () => false,
): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const stop = new AbortController();
  const print = (text: string): void => {
    written.stdout += text;
    if (!interrupt(written.stdout)) return;
    const exitCode = EXIT_CODE.interrupted;
    stop.abort(new CliError("INTERRUPTED", "stopped by SIGINT", { exitCode }));
  };
  const terminal = openTerminal({
    stdout: { write: print },
    stderr: { write: (text) => (written.stderr += text) },
  });
  const code = await runCli(args, {
    env: {},
    cwd: cwd ?? (await mkdtemp(join(tmpdir(), "sluice-cli-"))),
    terminal,
    signal: stop.signal,
  });
  return { code, ...written };
}
