/** Thrown when the configuration cannot be used as it is. Every problem found is listed; none was repaired. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "CONFIG_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
  readonly problems: readonly string[];

  constructor(where: string, problems: readonly string[], options?: ErrorOptions) {
    const list = problems.map((problem) => `\n  - ${problem}`).join("");
    super(`the configuration in ${where} cannot be used:${list}`, options);
    this.problems = problems;
  }
}
