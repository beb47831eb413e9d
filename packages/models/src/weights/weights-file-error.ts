/**
 * Thrown when a weights file cannot be trusted or understood. The message names the file, what was expected,
 * what was found, and what to do; nothing in the file has been executed.
 */
export class WeightsFileError extends Error {
  override readonly name = "WeightsFileError";
  readonly code = "WEIGHTS_FILE_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}
