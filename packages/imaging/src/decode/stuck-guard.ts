/**
 * Thrown when native code neither answers nor heeds its own time limit. A thread cannot be taken back from it, so
 * the engine must end; the picture runs again, alone.
 */
export class DecoderStuckError extends Error {
  override readonly name = "DecoderStuckError";
  readonly code = "DECODER_STUCK";
  readonly retryable = true;
}

/**
 * The decoder's own limit works only where it reports progress; some loaders decode everything before they do.
 *
 * @throws DecoderStuckError when the work is not done after `limitMs`
 */
export async function failWhenStuck<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new DecoderStuckError(`the decoder does not answer after ${limitMs} ms`));
  }, limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
