/** Thrown when the time for one picture is used up; becomes `unscannable('timeout')`. */
export class DecodeTimeoutError extends Error {
  override readonly name = "DecodeTimeoutError";
  readonly code = "DECODE_TIMEOUT";
  readonly retryable = false;
}

/** The time that one picture has, over all its frames and both steps of the ladder. */
export interface Deadline {
  /**
   * Whole seconds left, at least 1: the decoder takes no fractions, and 0 would mean no limit.
   *
   * @throws DecodeTimeoutError when none is left
   */
  secondsLeft(): number;
}

export function startDeadline(timeoutMs: number): Deadline {
  const endsAt = performance.now() + timeoutMs;
  return {
    secondsLeft() {
      const left = endsAt - performance.now();
      if (left <= 0) throw new DecodeTimeoutError(`not decoded within ${timeoutMs} ms`);
      return Math.ceil(left / 1000);
    },
  };
}
