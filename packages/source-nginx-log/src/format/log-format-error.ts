/** Thrown when a log_format cannot be used, because its lines could not be understood or could be forged. Names what to change. */
export class LogFormatError extends Error {
  override readonly name = "LogFormatError";
  readonly code = "LOG_FORMAT_UNUSABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}
