/** Thrown when numbers cannot be fitted or judged: what was expected, what was found, and what to do. */
export class FitError extends Error {
  override readonly name = "FitError";
  readonly code = "FIT_DATA_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
}
