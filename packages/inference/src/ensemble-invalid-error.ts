/** Thrown when members cannot work together; the configuration or a model directory must be corrected. */
export class EnsembleInvalidError extends Error {
  override readonly name = "EnsembleInvalidError";
  readonly code = "ENSEMBLE_INVALID";
  readonly retryable = false;
  readonly exitCode = 78;
}
