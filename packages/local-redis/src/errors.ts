/** Thrown when there is no Redis and none can be installed without asking. Exit code 69. */
export class RedisMissingError extends Error {
  override readonly name = "RedisMissingError";
  readonly code = "REDIS_MISSING";
  readonly retryable = false;
  readonly exitCode = 69;
}

/** Thrown when our own Redis does not come up, or another one of ours still uses the data folder. Exit code 69. */
export class RedisStartError extends Error {
  override readonly name = "RedisStartError";
  readonly code = "REDIS_START_FAILED";
  readonly retryable = false;
  readonly exitCode = 69;
}
