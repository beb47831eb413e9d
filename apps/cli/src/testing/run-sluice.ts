import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../run-cli.ts";
import { openTerminal } from "../terminal/terminal.ts";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, in a new empty folder unless one is named. */
export async function runSluice(args: readonly string[], cwd?: string): Promise<CliResult> {
  const written = { stdout: "", stderr: "" };
  const terminal = openTerminal({
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
  });
  const code = await runCli(args, {
    env: {},
    cwd: cwd ?? (await mkdtemp(join(tmpdir(), "sluice-cli-"))),
    terminal,
    signal: new AbortController().signal,
  });
  return { code, ...written };
}
