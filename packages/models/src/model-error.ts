/**
 * Thrown when a model directory, card or label file cannot be used. The message names the file, what was expected and
 * what to do.
 */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code = "MODEL_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}
