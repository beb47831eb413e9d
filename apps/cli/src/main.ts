import process from "node:process";
import { CliError } from "./cli-error.ts";
import { EXIT_CODE } from "./exit-code.ts";
import { runCli } from "./run-cli.ts";
import { openTerminal } from "./terminal/terminal.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The second signal: a person insists. The apps notice the closed channel and stop by themselves.
    if (stop.signal.aborted) process.exit(EXIT_CODE.interrupted);
    stop.abort(
      new CliError("INTERRUPTED", `stopped by ${name}`, { exitCode: EXIT_CODE.interrupted }),
    );
  });
}
// `sluice decisions | head` closes the pipe early; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  const exitCode = EXIT_CODE.ok;
  stop.abort(new CliError("OUTPUT_CLOSED", "nobody reads on", { exitCode, isTold: true }));
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  terminal: openTerminal({ stdout: process.stdout, stderr: process.stderr }),
  signal: stop.signal,
});
