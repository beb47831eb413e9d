/** Thrown by the reader of one pickle; the caller adds the file's name. */
export class PickleError extends Error {
  override readonly name = "PickleError";
}
