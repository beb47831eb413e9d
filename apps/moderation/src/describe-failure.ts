/** What a person and a calling program are told about an error. */
export interface Described {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
}

/** Expected errors carry code and exit code; anything else is a bug and shows its stack. */
export function describeFailure(error: unknown): Described {
  if (!(error instanceof Error)) return { exitCode: 70, code: "BUG", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "BUG";
  if ("exitCode" in error && typeof error.exitCode === "number")
    return { exitCode: error.exitCode, code, message: error.message };
  return { exitCode: 70, code, message: error.stack ?? error.message };
}
