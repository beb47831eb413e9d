import { EXIT_CODE } from "./exit-code.ts";

export interface CliErrorOptions {
  readonly exitCode?: number;
  readonly cause?: unknown;
  /** Another process has told the person already; nothing more is printed. */
  readonly isTold?: boolean;
}

/** Thrown by a command that ran and has to say no. The message is all that is printed. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: string;
  readonly retryable = false;
  readonly exitCode: number;
  readonly isTold: boolean;

  constructor(code: string, message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? EXIT_CODE.failed;
    this.isTold = options.isTold ?? false;
  }
}
