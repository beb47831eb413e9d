/**
 * Thrown when no engine comes up. The message and the exit code are the engine's own where it could still speak: 78
 * when the configuration or a model must be corrected.
 */
export class EngineStartError extends Error {
  override readonly name = "EngineStartError";
  readonly code = "ENGINE_START_FAILED";
  readonly retryable = false;
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Thrown when an engine finds other models than the one before, or beside it: outcomes of both must not be mixed under one
 * digest, so the worker ends and starts anew.
 */
export class EnsembleChangedError extends Error {
  override readonly name = "EnsembleChangedError";
  readonly code = "ENSEMBLE_CHANGED";
  readonly retryable = true;
  readonly exitCode = 69;
}

/** Thrown when a chunk asks for an ensemble that this worker does not run; another worker may. */
export class EnsembleNotHereError extends Error {
  override readonly name = "EnsembleNotHereError";
  readonly code = "ENSEMBLE_NOT_HERE";
  readonly retryable = true;
}
