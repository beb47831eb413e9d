import process from "node:process";
import { runCli } from "./run-cli.ts";
import { openTerminal } from "./terminal/terminal.ts";

process.env["ORT_DISABLE_TELEMETRY"] = "1";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
}
// `sluice decisions | head` closes the pipe early; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exitCode ??= 0;
  stop.abort(error);
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  terminal: openTerminal({ stdout: process.stdout, stderr: process.stderr }),
  signal: stop.signal,
});
