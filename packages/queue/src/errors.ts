/** Thrown by a producer when a job could not be added. It may have been added all the same: retry with the same id. */
export class QueueUnavailableError extends Error {
  override readonly name = "QueueUnavailableError";
  readonly code = "QUEUE_UNAVAILABLE";
  readonly retryable = true;
}

/** Thrown at start when Redis does not answer. Message names the setting and the ways out; exit code 69. */
export class RedisUnavailableError extends Error {
  override readonly name = "RedisUnavailableError";
  readonly code = "REDIS_UNAVAILABLE";
  readonly retryable = true;
  readonly exitCode = 69;
}

/**
 * Told to `onError` when a consumer stopped without giving its jobs back, because Redis was away or a handler did
 * not heed its signal. Nothing is lost: the jobs run elsewhere when their locks expire.
 */
export class ConsumerStopError extends Error {
  override readonly name = "ConsumerStopError";
  readonly code = "CONSUMER_STOP_INCOMPLETE";
  readonly retryable = true;
}
