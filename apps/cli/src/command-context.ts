import type { Terminal } from "./terminal/terminal.ts";

/** What a command may know of the world around it; nothing below reads `process` by itself. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
  /** Aborted by SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}
