export { runCli } from "./run-cli.ts";
export type { CommandContext } from "./command-context.ts";
export { openTerminal } from "./terminal/terminal.ts";
